import { expect, test } from 'vitest'

import { COMMANDS, usageOf } from './commands.ts'
import { run } from './run.ts'
import type { Terminal } from './terminal.ts'

const EXAMPLE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'

async function type(
  argv: readonly string[],
  lines?: readonly string[],
): Promise<{ code: number; out: string; err: string; objects: () => Record<string, unknown>[] }> {
  let out = ''
  let err = ''
  const terminal: Terminal = {
    environment: {},
    input: lines === undefined ? undefined : given(lines),
    now: () => new Date('2026-11-22T00:00:00Z'),
    write: async (text) => {
      out += text
    },
    complain: (text) => {
      err += text
    },
  }
  const code = await run(argv, terminal)
  const objects = () =>
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { code, out, err, objects }
}

async function* given(lines: readonly string[]): AsyncIterable<string> {
  yield* lines
}

test('every command is there, and answers --help with its own usage line', async () => {
  for (const row of COMMANDS) {
    expect([row.name, typeof (await row.load())]).toEqual([row.name, 'function'])
    const { code, out } = await type([...row.name.split(' '), '--help'])
    expect([code, out.includes(usageOf(row))]).toEqual([0, true])
  }
})

test('a wrong command line is exit 2 with usage, never a verdict', async () => {
  for (const argv of [
    [],
    ['code'],
    ['code', 'guess'],
    ['verify'],
    ['code', 'parse', '--colour'],
    ['verify', 'a', 'b'],
  ]) {
    const { code, out, err } = await type(argv)
    expect([argv, code, `${out}${err}`.includes('arc3088')]).toEqual([argv, 2, true])
  }
})

test('parses codes in any case, and says which rule the others break', async () => {
  const { code, objects } = await type([
    'code',
    'parse',
    EXAMPLE.toLowerCase(),
    '1.2.156.3088.1.1.0.1.1',
    '--json',
  ])
  expect(code).toBe(1)
  expect(objects()).toEqual([
    {
      input: EXAMPLE.toLowerCase(),
      ok: true,
      code: EXAMPLE,
      level: 'instance',
      segments: {
        prefix: '1.2.156.3088',
        version: '1',
        provider: '1',
        requester: '34C2',
        ontology: '478BDF',
        instance: '3GF546',
      },
    },
    {
      input: '1.2.156.3088.1.1.0.1.1',
      ok: false,
      reason: 'zero',
      segment: 'requester',
      offset: 17,
      clause: '5.5',
    },
  ])
})

test('answers one line for each line of the input, empty ones too, in order', async () => {
  const { code, objects } = await type(['code', 'parse', '--json'], ['', EXAMPLE, ' x'])
  expect(code).toBe(1)
  expect(objects().map(({ input, ok }) => [input, ok])).toEqual([
    ['', false],
    [EXAMPLE, true],
    [' x', false],
  ])
})

test('takes custom serials of another shape only when asked to', async () => {
  const foreign = '1.2.156.3088.1.1.34C2.A.B.C'
  expect((await type(['code', 'parse', foreign, '--json'])).code).toBe(1)
  const { code, objects } = await type(['code', 'parse', foreign, '--custom-serial', 'opaque', '--json'])
  expect(code).toBe(0)
  expect(objects()[0]).toMatchObject({ ok: true, level: null, segments: { serial: ['A', 'B', 'C'] } })
})

test('could not tell which code was meant: exit 2, both readings', async () => {
  const ambiguous = '1.2.156.3088.1.1.CIQJUQ.HELDGD.1.03TO'
  const { code, objects } = await type(['code', 'diagnose', ambiguous, '--json'])
  expect(code).toBe(2)
  expect(objects()[0]).toMatchObject({ dialect: 'ambiguous', readings: [{}, {}], suggestion: null })
})

test('an alias becomes the code again', async () => {
  const alias = String((await type(['code', 'alias', EXAMPLE, '--json'])).objects()[0]?.['alias'])
  expect((await type(['code', 'alias', alias])).out).toBe(`${EXAMPLE}\n`)
})

test('a check mark is right or wrong', async () => {
  expect((await type(['code', 'check-mark', EXAMPLE, '--verify', 'K'])).code).toBe(0)
  const wrong = await type(['code', 'check-mark', EXAMPLE, '--verify', 'L', '--json'])
  expect([wrong.code, wrong.objects()[0]?.['reason']]).toEqual([1, 'check-mark-mismatch'])
})

test('builds a code of its segments, and refuses numbers that are none', async () => {
  const segments = ['--provider', '1', '--requester', '34c2', '--ontology', '478bdf', '--instance', '3gf546']
  expect((await type(['code', 'format', ...segments])).out).toBe(`${EXAMPLE}\n`)
  expect((await type(['code', 'format', '--provider', '01', ...segments.slice(2)])).code).toBe(1)
})

test('shows no control character of an input to a terminal', async () => {
  const { out } = await type(['code', 'parse', '1.2\u001b[31m\u202e'])
  expect(out).toContain('\\u{1b}[31m\\u{202e}')
})

test.each([
  [
    'a key that no header can carry',
    ['instance', 'register', EXAMPLE, '--idempotency-key', 'a b 中'],
    '--idempotency-key',
  ],
  ['a lock of no code', ['code', 'lock', '--reason', 'x'], 'code is missing'],
  ['a retirement without a reason', ['code', 'retire', EXAMPLE], '--reason is missing'],
  ['two codes to unlock', ['code', 'unlock', EXAMPLE, EXAMPLE, '--reason', 'x'], 'one code at a time'],
  ['a draft without a description', ['ontology', 'draft'], '--description is missing'],
  ['an edit of nothing', ['ontology', 'edit', '--description', 'a.json'], 'ontology is missing'],
  ['a file that cannot be written', ['keys', 'generate', '--dir', '/dev/null/keys'], '/dev/null/keys'],
])('%s is exit 2, and says what is wrong', async (_, argv, said) => {
  const { code, err } = await type(
    [...argv, '--url', 'http://127.0.0.1:9', '--token', 'x'].slice(0, argv[0] === 'keys' ? 4 : 99),
  )
  expect(code).toBe(2)
  expect(err).toContain(said)
})

test('what a text holds never reaches the terminal as a command to it', async () => {
  const { out } = await type(['code', 'diagnose', '1.2.156.3088.1.1.34C2\u001b[31m'])
  expect(out).not.toContain('\u001b')
  expect(out).toContain(String.raw`\u{1b}`)
})
