import { writeAnswer } from '../answers.ts'
import { columns } from '../columns.ts'
import type { ExitCode } from '../exit-code.ts'
import { shown } from '../shown.ts'
import type { Terminal } from '../terminal.ts'
import type { JsonObject } from './call-node.ts'

/** Writes what a node answered: as it is, or a member a line. */
export async function writeObject(object: JsonObject, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const rows = Object.entries(object).map(([name, value]) => [name, textOf(value)])
  return await writeAnswer({ json: object, text: columns(rows), exitCode: 0 }, json, terminal)
}

/** Writes the items of a page, one a line, with these members in front for people. */
export async function writeItems(
  page: JsonObject,
  members: readonly string[],
  { json, terminal }: { json: boolean; terminal: Terminal },
): Promise<ExitCode> {
  const { items } = page
  const objects = Array.isArray(items) ? items.filter(isObject) : []
  if (json) {
    for (const item of objects) await terminal.write(`${JSON.stringify(item)}\n`)
  } else if (objects.length > 0) {
    const rows = objects.map((item) => members.map((member) => textOf(item[member])))
    await terminal.write(`${columns([members, ...rows])}\n`)
  }
  return 0
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return shown(typeof value === 'string' ? value : JSON.stringify(value))
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
