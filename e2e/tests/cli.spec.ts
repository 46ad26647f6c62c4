import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { freePort } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { root } from '../programs/processes.ts'
import { arc3088 } from '../programs/run-cli.ts'

const EXAMPLE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'

const linesOf = (path: string) =>
  readFileSync(join(root, 'vectors/codes', path), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

test('answers ten thousand lines of input in order, with the worst exit code', async () => {
  const inputs = Array.from({ length: 10_000 }, (_, i) => `1.2.156.3088.1.1.34C2.478BDF.${i.toString(36)}`)
  const { code, stdout } = await arc3088(['code', 'parse', '--json'], { input: `${inputs.join('\n')}\n` })
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { input: string; ok: boolean })
  expect(code).toBe(0)
  expect(answers.map(({ input }) => input)).toEqual(inputs)
  expect(answers.every(({ ok }) => ok)).toBe(true)
})

test('says nothing but JSON on stdout, and nothing on stderr', async () => {
  const { stdout, stderr } = await arc3088(['code', 'diagnose', EXAMPLE, 'nonsense', '--json'])
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { input: string }).input),
  ).toEqual([EXAMPLE, 'nonsense'])
  expect(stderr).toBe('')
})

test('an unreachable node is exit 2, never a verdict', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`
  const { code, stderr } = await arc3088(['requester', 'show', '--url', nobody, '--token', 'x'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be reached')])
  const resolved = await arc3088(['resolve', EXAMPLE, '--resolver', nobody, '--json'])
  expect([resolved.code, resolved.stdout]).toEqual([2, ''])
})

test('parses every valid vector to its canonical spelling', async () => {
  const valid = linesOf('codes_valid.txt').map((line) => line.split('\t'))
  const parsed = await arc3088(['code', 'parse', '--json'], { input: firstColumn(valid) })
  expect(parsed.code).toBe(0)
  expect(objectsOf(parsed.stdout).map(({ code }) => code)).toEqual(valid.map(([, code]) => code))
})

test('says of every invalid vector the first rule that it breaks, and where', async () => {
  const invalid = linesOf('codes_invalid.txt').map((line) => {
    const [reason, segment, offset, clause, input] = line.split('\t')
    return { input: JSON.parse(input ?? '') as string, reason, segment, offset: Number(offset), clause }
  })
  // A line of input cannot hold the end of a line.
  const lines = invalid.filter(({ input }) => !/[\r\n]/.test(input) && input.isWellFormed())
  const parsed = await arc3088(['code', 'parse', '--json'], {
    input: lines.map(({ input }) => `${input}\n`).join(''),
  })
  expect(parsed.code).toBe(1)
  expect(objectsOf(parsed.stdout)).toEqual(lines.map((line) => ({ ...line, ok: false })))
  expect(lines.length).toBeGreaterThan(invalid.length / 2)
})

test('says of every ambiguous vector that it is, with both readings, and changes none', async () => {
  const ambiguous = linesOf('codes_ambiguous.txt').map((line) => line.split('\t'))
  const diagnosed = await arc3088(['code', 'diagnose', '--json'], { input: firstColumn(ambiguous) })
  expect(diagnosed.code).toBe(2)
  const answers = objectsOf(diagnosed.stdout)
  expect(answers.map(({ input }) => input)).toEqual(ambiguous.map(([input]) => input))
  expect(answers.every(({ dialect, suggestion }) => dialect === 'ambiguous' && suggestion === null)).toBe(
    true,
  )
  expect(answers.every(({ readings }) => Array.isArray(readings) && readings.length === 2)).toBe(true)
})

function firstColumn(rows: readonly (readonly string[])[]): string {
  return rows.map(([input]) => `${input ?? ''}\n`).join('')
}

function objectsOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
