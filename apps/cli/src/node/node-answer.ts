import { writeAnswer } from '../answers.ts'
import { columns } from '../columns.ts'
import type { ExitCode } from '../exit-code.ts'
import { shown } from '../shown.ts'
import type { Terminal } from '../terminal.ts'

/** Writes what a node answered: as it is, or a member a line. */
export async function writeObject(object: object, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const rows = Object.entries(object).map(([name, value]) => [name, textOf(value)])
  return await writeAnswer({ json: object, text: columns(rows), exitCode: 0 }, json, terminal)
}

/** Writes the items of a page, one a line; people see these members of each. */
export async function writeItems<Item extends object>(
  items: readonly Item[],
  members: readonly (keyof Item & string)[],
  { json, terminal }: { json: boolean; terminal: Terminal },
): Promise<ExitCode> {
  if (json) {
    for (const item of items) await terminal.write(`${JSON.stringify(item)}\n`)
  } else if (items.length > 0) {
    const rows = items.map((item) => members.map((member) => textOf(item[member])))
    await terminal.write(`${columns([members, ...rows])}\n`)
  }
  return 0
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return shown(typeof value === 'string' ? value : JSON.stringify(value))
}
