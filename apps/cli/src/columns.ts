/** Rows as aligned columns, two spaces apart; the last column is as it is. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = rows.reduce<number[]>((most, row) => {
    return row.map((cell, i) => Math.max(most[i] ?? 0, widthOf(cell)))
  }, [])
  return rows
    .map((row) => indent + row.map((cell, i) => pad(cell, widths[i] ?? 0)).join('  '))
    .map(trimEnd)
    .join('\n')
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)))
}

/** Chinese characters take two columns of a terminal. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u.test(
        character,
      )
        ? 2
        : 1
  return width
}

function trimEnd(line: string): string {
  return line.trimEnd()
}
