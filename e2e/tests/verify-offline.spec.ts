import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isIntegrityFailure, pinAnchor, verifyEvidence, type PinnedAnchor } from '@arc3088/trust'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { arc3088, type CliOutcome } from '../programs/run-cli.ts'
import { pidsOf, startSandbox, takePlace, whatIsLeft } from '../programs/run-sandbox.ts'

const CODE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'
/** Of the overseas root, valid here by the agreement. */
const FOREIGN_CODE = '2.999.3088.1.1.F1.AURORA.1'
const SEED = 3088
const POSITIONS_A_PART = 12
const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

type Bundle = Record<string, unknown>
type Path = readonly (string | number)[]

let folder: string
let bundle: Bundle
let foreignBundle: Bundle
let anchorText: string

/** A sandbox makes the evidence, and is gone before anything is verified. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-offline-'))
  using place = await takePlace()
  const sandbox = await startSandbox(place)
  const pids = pidsOf(place)
  const file = join(folder, 'b.json')
  const { anchor } = sandbox.description()
  const resolved = await arc3088(['resolve', CODE, '--anchor', anchor, '--bundle', file, '--json'])
  const foreign = ['resolve', FOREIGN_CODE, '--anchor', anchor, '--bundle', join(folder, 'foreign.json')]
  const resolvedForeign = await arc3088([...foreign, '--json'])
  copyFileSync(anchor, join(folder, 'anchor.json'))
  await sandbox.stop()
  const left = await whatIsLeft(pids, place.ports)
  const codes = [resolved.code, resolvedForeign.code]
  if (codes.some(Boolean) || left.pids.length > 0 || left.ports.length > 0)
    throw new Error(resolved.stderr + resolvedForeign.stderr)
  foreignBundle = JSON.parse(readFileSync(join(folder, 'foreign.json'), 'utf8')) as Bundle
  bundle = JSON.parse(readFileSync(file, 'utf8')) as Bundle
  anchorText = readFileSync(join(folder, 'anchor.json'), 'utf8')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function verify(given: unknown, ...more: string[]): Promise<CliOutcome> {
  const file = join(folder, 'given.json')
  writeFileSync(file, typeof given === 'string' ? given : JSON.stringify(given))
  return await arc3088(['verify', file, '--anchor', join(folder, 'anchor.json'), '--json', ...more])
}

/** Every text in the bundle that somebody signed, by kind of part. */
function signedParts(): { kind: string; path: Path }[] {
  const [records, chains, tokens] = ['records', 'chains', 'status_list_tokens'].map((name) => bundle[name])
  const count = (list: unknown) => (Array.isArray(list) ? list.length : 0)
  const each = (list: unknown, kind: string, path: Path) =>
    Array.from({ length: count(list) }, (_, i) => ({ kind, path: [...path, i] }))
  return [
    ...each(records, 'record', ['records']),
    ...each(at(chains, [0]), 'statement', ['chains', 0]),
    ...each(tokens, 'status list token', ['status_list_tokens']),
    { kind: 'key set', path: ['root_keys', 0, 'payload'] },
    { kind: 'key set', path: ['root_keys', 0, 'signatures', 0, 'protected'] },
    { kind: 'key set', path: ['root_keys', 0, 'signatures', 0, 'signature'] },
    ...(typeof bundle['resolution'] === 'string' ? [{ kind: 'live answer', path: ['resolution'] }] : []),
  ]
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], value)
}

/** A copy in which one character, and nothing else, is another of the same alphabet. */
function changed(path: Path, position: number): Bundle {
  const copy = structuredClone(bundle)
  const parent = at(copy, path.slice(0, -1)) as Record<string | number, unknown>
  const last = path.at(-1) ?? ''
  const text = String(parent[last])
  const symbol = SYMBOLS[(SYMBOLS.indexOf(text[position] ?? '') + 1) % SYMBOLS.length] ?? ''
  parent[last] = text.slice(0, position) + symbol + text.slice(position + 1)
  return copy
}

/** Positions spread over the text, the first and the last among them; the same in every run. */
function* positionsIn(length: number, random: () => number): Iterable<number> {
  yield 0
  for (let i = 0; i < POSITIONS_A_PART; i++) yield Math.floor(random() * length)
  yield length - 1
}

/** A linear congruential generator (Numerical Recipes): what is tried must not change from run to run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

function pinned(): PinnedAnchor {
  const anchor = pinAnchor(anchorText)
  if ('kind' in anchor) throw new Error(anchor.detail)
  return anchor
}

test('with every server stopped, the bundle and the pinned key set suffice: exit 0', async () => {
  const { code, json } = await verify(bundle)
  expect([code, json()]).toEqual([0, expect.objectContaining({ code: CODE, verdict: 'valid' })])
  expect(json()['checks']).toEqual(
    expect.arrayContaining([{ name: 'anchor', ok: true, detail: expect.any(String) }]),
  )
})

test('a code of another root verifies by the anchor of this one alone, agreement, list and all', async () => {
  const { code, json } = await verify(foreignBundle)
  expect([code, json()]).toEqual([
    0,
    expect.objectContaining({
      code: FOREIGN_CODE,
      verdict: 'valid',
      recognition: expect.objectContaining({ state: 'in-force' }),
    }),
  ])
})

test('without the agreement, the list or the events, nothing is said of a code of another root', async () => {
  const recognition = foreignBundle['recognition'] as Bundle
  expect(Object.keys(recognition)).toEqual(expect.arrayContaining(['list', 'agreement', 'events']))
  for (const part of ['list', 'agreement', 'events']) {
    const rest = Object.fromEntries(Object.entries(recognition).filter(([name]) => name !== part))
    expect([part, (await verify({ ...foreignBundle, recognition: rest })).code]).toEqual([part, 2])
  }
})

test('a changed character in the list, the agreement or an event is exit 1', async () => {
  const recognition = foreignBundle['recognition'] as Bundle
  const other = (text: string) => `${text.slice(0, 200)}${text[200] === 'A' ? 'B' : 'A'}${text.slice(201)}`
  const { payload, signatures } = recognition['agreement'] as { payload: string; signatures: unknown }
  const [event = '', ...events] = recognition['events'] as string[]
  const forgeries: Bundle[] = [
    { list: other(String(recognition['list'])) },
    { agreement: { payload: other(payload), signatures } },
    { events: [other(event), ...events] },
  ]
  for (const forged of forgeries) {
    const given = { ...foreignBundle, recognition: { ...recognition, ...forged } }
    expect([Object.keys(forged), (await verify(given)).code]).toEqual([Object.keys(forged), 1])
  }
})

test('with every server stopped, resolve could not tell: exit 2, and why', async () => {
  const { code, json } = await arc3088(['resolve', CODE, '--anchor', join(folder, 'anchor.json'), '--json'])
  expect([code, json()['verdict']]).toEqual([2, 'indeterminate'])
  expect(JSON.stringify(json()['reasons'])).toContain('upstream-unreachable')
})

test('a changed character anywhere in any signed part is an integrity failure', async () => {
  const random = randomFrom(SEED)
  const instant = Math.floor(Date.now() / 1000)
  const good: string[] = []
  let tried = 0
  for (const { kind, path } of signedParts()) {
    for (const position of positionsIn(String(at(bundle, path)).length, random)) {
      const question = { code: CODE, bundle: changed(path, position), anchor: pinned(), at: instant }
      const { verdict } = await verifyEvidence(question)
      tried += 1
      if (!isIntegrityFailure(verdict)) good.push(`${kind} ${path.join('.')} at ${position}: ${verdict}`)
    }
  }
  expect(good).toEqual([])
  expect(tried).toBeGreaterThan(150)
})

test('the command line exits 1 for a change in each kind of part, and prints the reason', async () => {
  const random = randomFrom(SEED + 1)
  const kinds = new Set<string>()
  for (const { kind, path } of signedParts().toReversed()) {
    if (kinds.has(kind)) continue
    kinds.add(kind)
    const position = Math.floor(random() * String(at(bundle, path)).length)
    const { code, stdout, stderr } = await verify(changed(path, position))
    expect([kind, code]).toEqual([kind, 1])
    expect(stdout + stderr).toMatch(/"verdict":"(signature|chain)-invalid"|"code":"[a-z-]+"/)
  }
  expect([...kinds]).toEqual(expect.arrayContaining(['record', 'statement', 'status list token', 'key set']))
})

test('the command line exits 1 for the last record, wherever it is changed and whoever asks', async () => {
  const path = ['records', 3]
  const length = String(at(bundle, path)).length
  for (const position of [0, 150, Math.floor(length / 2), length - 1]) {
    expect([position, (await verify(changed(path, position))).code]).toEqual([position, 1])
    expect([position, (await verify(changed(path, position), '--code', CODE)).code]).toEqual([position, 1])
  }
})

test('a changed anchor verifies nothing: exit 1', async () => {
  const other = join(folder, 'other-anchor.json')
  const [file, key] = [join(folder, 'b.json'), '"payload":"']
  const place = anchorText.indexOf(key) + key.length + 40
  writeFileSync(
    other,
    `${anchorText.slice(0, place)}${anchorText[place] === 'A' ? 'B' : 'A'}${anchorText.slice(place + 1)}`,
  )
  expect((await arc3088(['verify', file, '--anchor', other])).code).toBe(1)
})

test('a required part removed is exit 2, whichever it is and whoever asks', async () => {
  const lists: Path[] = [['records'], ['chains', 0], ['status_list_tokens']]
  for (const path of lists) {
    const list = at(bundle, path) as unknown[]
    for (let i = 0; i < list.length; i++) {
      const copy = structuredClone(bundle)
      ;(at(copy, path) as unknown[]).splice(i, 1)
      expect([path, i, (await verify(copy)).code]).toEqual([path, i, 2])
      expect([path, i, (await verify(copy, '--code', CODE)).code]).toEqual([path, i, 2])
    }
  }
})

test('past the earliest expiry is exit 2', async () => {
  const { valid_until: until } = (await verify(bundle)).json()
  expect((await verify(bundle, '--at', String(until))).code).toBe(0)
  const past = await verify(bundle, '--at', new Date((Number(until) + 120) * 1000).toISOString())
  expect([past.code, past.json()['verdict']]).toEqual([2, 'stale'])
})

test('rubbish is exit 1, a missing file and a wrong command line are 2', async () => {
  expect((await verify('{"v":1,')).code).toBe(1)
  expect((await verify('{}')).code).toBe(1)
  const anchor = join(folder, 'anchor.json')
  expect((await arc3088(['verify', join(folder, 'nowhere.json'), '--anchor', anchor])).code).toBe(2)
  const wrong = await arc3088(['verify', join(folder, 'b.json')])
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('usage: arc3088 verify FILE --anchor'),
  ])
})
