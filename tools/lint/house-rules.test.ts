import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { root } from '../subprocess.ts'

const scratch = mkdtempSync(join(tmpdir(), 'arc3088-lint-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Each line takes from the air what should be given. */
const AMBIENT = [
  'export const a = new Date()',
  'export const b = Date()',
  'export const c = Date.now()',
  'export const d = Math.random()',
  'export const e = process.pid',
  'export const f = fetch("https://example.org")',
  'export const g = crypto.randomUUID()',
  'export const h = crypto.getRandomValues(new Uint8Array(1))',
]

/** The lines of a file with that text, in that place, which the linter refuses. */
function refusedLines(path: string, text: string): number[] {
  const file = join(scratch, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  const report: unknown = JSON.parse(run(path))
  return findLines(report)
}

function run(path: string): string {
  try {
    return execFileSync('oxlint', ['--format=json', path], { cwd: scratch, encoding: 'utf8' })
  } catch (error) {
    // Refusals are its exit code 1, and still on stdout.
    if (error instanceof Error && 'stdout' in error) return String(error.stdout)
    throw error
  }
}

function findLines(report: unknown): number[] {
  const { diagnostics } = report as { diagnostics: { labels: { span: { line: number } }[] }[] }
  return diagnostics.flatMap(({ labels }) => labels.map(({ span }) => span.line)).toSorted((a, b) => a - b)
}

copyFileSync(join(root, '.oxlintrc.json'), join(scratch, '.oxlintrc.json'))
mkdirSync(join(scratch, 'tools'))
symlinkSync(join(root, 'tools', 'lint'), join(scratch, 'tools', 'lint'))

test('refuses time, randomness, ids, process and fetch from the air in library and service code', () => {
  expect(refusedLines('packages/x/src/ambient.ts', AMBIENT.join('\n'))).toEqual(AMBIENT.map((_, i) => i + 1))
  expect(refusedLines('apps/root/src/ambient.ts', AMBIENT.join('\n'))).toHaveLength(AMBIENT.length)
})

test('lets main.ts, tests and tools take them', () => {
  for (const path of [
    'apps/root/src/main.ts',
    'packages/x/src/a.test.ts',
    'packages/x/tests/b.ts',
    'tools/c.ts',
  ]) {
    expect(refusedLines(path, AMBIENT.join('\n'))).toEqual([])
  }
})

test('lets a date be made from a value', () => {
  expect(refusedLines('packages/x/src/convert.ts', 'export const at = new Date(0)')).toEqual([])
})

test.each([
  ['any', 'export const a: any = 1'],
  ['a non-null assertion', 'export const a = (b: string | undefined): number => b!.length'],
  ['a default export', 'export default 1'],
])('refuses %s', (_, text) => {
  expect(refusedLines('packages/x/src/a.ts', text)).toEqual([1])
})
