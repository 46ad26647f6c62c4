import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Outcome } from '../subprocess.ts'

/** The requirements that `docs/standard.md` answers for, by group: how many there are, and from which number. */
const GROUPS = { C: [1, 11], M: [1, 9], A: [1, 6], B: [2, 5], P: [1, 12] } as const

const STATES: readonly string[] = ['done', 'part', 'later']

interface Row {
  readonly id: string
  readonly state: string
  readonly modules: readonly string[]
  readonly tests: readonly { path: string; name: string | undefined }[]
}

/**
 * Holds the table of `docs/standard.md` against the tree: every requirement has one row; a row that says `done` or
 * `part` names modules and tests that exist, and each test by words that stand in its file.
 */
export function checkStandard(folder: string): Promise<Outcome> {
  const rows = readRows(readFileSync(join(folder, 'docs/standard.md'), 'utf8'))
  const faults = [...idFaults(rows), ...rows.flatMap((row) => rowFaults(folder, row))]
  return Promise.resolve({ code: faults.length === 0 ? 0 : 1, output: faults.join('\n') })
}

function readRows(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => /^\| [A-Z]-\d\d /.test(line))
    .map((line) => {
      const [id = '', , state = '', modules = '', tests = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim())
      return { id, state, modules: quoted(modules), tests: quoted(tests).map(readTest) }
    })
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
}

function readTest(text: string): { path: string; name: string | undefined } {
  const [path = '', name] = text.split(' › ')
  return { path, name }
}

function idFaults(rows: readonly Row[]): string[] {
  const wanted = Object.entries(GROUPS).flatMap(([letter, [first, last]]) =>
    Array.from({ length: last - first + 1 }, (_, nth) => `${letter}-${String(first + nth).padStart(2, '0')}`),
  )
  const has = (id: string) => rows.filter((row) => row.id === id).length
  return [
    ...wanted.filter((id) => has(id) !== 1).map((id) => `${id}: has ${has(id)} rows`),
    ...rows.filter((row) => !wanted.includes(row.id)).map((row) => `${row.id}: is no requirement`),
  ]
}

function rowFaults(folder: string, { id, state, modules, tests }: Row): string[] {
  const fault = (why: string) => `${id}: ${why}`
  if (!STATES.includes(state)) return [fault(`"${state}" is none of ${STATES.join(', ')}`)]
  if (state === 'later') return tests.length > 0 ? [fault('is later and names a test')] : []
  const text = (path: string) => readFileSync(join(folder, path), 'utf8')
  return [
    ...(modules.length === 0 ? [fault(`is ${state} and names no module`)] : []),
    ...(tests.length === 0 ? [fault(`is ${state} and names no test`)] : []),
    ...modules
      .filter((path) => !existsSync(join(folder, path)))
      .map((path) => fault(`${path} does not exist`)),
    ...tests.flatMap(({ path, name }) => {
      if (!existsSync(join(folder, path))) return [fault(`${path} does not exist`)]
      return name !== undefined && !text(path).includes(name) ? [fault(`${path} has no test "${name}"`)] : []
    }),
  ]
}
