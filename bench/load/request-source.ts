import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

import type { RequestTemplate } from './load-plan.ts'

/** Answers one request after another, or undefined when there are no more. */
export type NextRequest = () => string | undefined

/** Reads what a template needs once; each request then is one joining of strings. */
export function openRequests(template: RequestTemplate): NextRequest {
  const lines = template.file === undefined ? [''] : linesOf(readFileSync(template.file, 'latin1'))
  return createRequests(template, lines, randomUUID())
}

/** @throws Error where the pieces do not fit the columns. */
export function createRequests(
  { pieces, file, repeat = file === undefined, uniqueKey = false }: RequestTemplate,
  lines: readonly string[],
  run: string,
): NextRequest {
  const columns = file === undefined ? 0 : (lines[0]?.split('\t').length ?? 0)
  if (lines.length === 0 || pieces.length !== columns + (uniqueKey ? 2 : 1))
    throw new Error(`${pieces.length} pieces do not fit ${columns} columns of ${lines.length} lines`)
  const last = pieces.at(-1) ?? ''
  let next = 0
  let sent = 0
  return () => {
    if (next === lines.length) {
      if (!repeat) return undefined
      next = 0
    }
    const text = fill(pieces, columns, lines[next++] ?? '')
    return uniqueKey ? `${text}${run}-${sent++}${last}` : text
  }
}

function fill(pieces: readonly string[], columns: number, line: string): string {
  if (columns === 0) return pieces[0] ?? ''
  if (columns === 1) return `${pieces[0]}${line}${pieces[1]}`
  let text = pieces[0] ?? ''
  const values = line.split('\t')
  for (let nth = 0; nth < columns; nth++) text += `${values[nth]}${pieces[nth + 1]}`
  return text
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
