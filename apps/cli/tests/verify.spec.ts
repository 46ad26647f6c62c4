import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { run } from '../src/run.ts'

/** Vectors of packages/trust: what a bundle is, and what must be said of it. */
interface EvidenceVector {
  readonly code: string
  readonly at: number
  /** The past instant asked about, where one is. */
  readonly as_of?: number
  readonly anchor: unknown
  readonly bundle: { records?: string[]; status_list_tokens?: string[]; chains?: string[][] }
  readonly expect: { readonly verdict: string }
}

const vectors = join(import.meta.dirname, '../../../vectors/evidence')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-verify-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const readVector = (path: string) => JSON.parse(readFileSync(join(vectors, path), 'utf8')) as EvidenceVector

async function verify(
  bundle: string,
  { anchor, at }: Pick<EvidenceVector, 'anchor' | 'at'>,
  ...more: string[]
): Promise<{ code: number; out: string; err: string }> {
  const [file, anchorFile] = [join(folder, 'bundle.json'), join(folder, 'anchor.json')]
  writeFileSync(file, bundle)
  writeFileSync(anchorFile, JSON.stringify(anchor))
  let out = ''
  let err = ''
  const json = more.includes('--no-json') ? [] : ['--json']
  const options = more.filter((each) => each !== '--no-json')
  const argv = ['verify', file, '--anchor', anchorFile, '--at', String(at), ...json, ...options]
  const code = await run(argv, {
    environment: {},
    input: undefined,
    now: () => new Date(at * 1000),
    write: async (text) => {
      out += text
    },
    complain: (text) => {
      err += text
    },
  })
  return { code, out, err }
}

test.each(readdirSync(join(vectors, 'valid')))('finds %s good, without being told the code', async (name) => {
  const vector = readVector(`valid/${name}`)
  const then = vector.as_of === undefined ? [] : ['--as-of', String(vector.as_of)]
  const { code, out } = await verify(JSON.stringify(vector.bundle), vector, ...then)
  expect([code, out]).toEqual([0, expect.stringContaining(`"verdict":"${vector.expect.verdict}"`)])
})

test('what is sound of a past instant is not taken for now, nor an instant for another', async () => {
  const vector = readVector('valid/as-of-before-statement.json')
  const bundle = JSON.stringify(vector.bundle)
  expect((await verify(bundle, vector)).code).not.toBe(0)
  expect((await verify(bundle, vector, '--as-of', String(vector.at))).code).not.toBe(0)
  const { code, err } = await verify(bundle, vector, '--as-of', 'yesterday')
  expect([code, err]).toEqual([2, expect.stringContaining('--as-of')])
})

test('a required part removed is exit 2, whichever it is', async () => {
  const vector = readVector('valid/plain.json')
  const { records = [], status_list_tokens: tokens = [] } = vector.bundle
  for (let i = 0; i < records.length; i++) {
    const without = { ...vector.bundle, records: records.toSpliced(i, 1) }
    expect([`record ${i}`, (await verify(JSON.stringify(without), vector)).code]).toEqual([`record ${i}`, 2])
  }
  for (let i = 0; i < tokens.length; i++) {
    const without = { ...vector.bundle, status_list_tokens: tokens.toSpliced(i, 1) }
    expect([`token ${i}`, (await verify(JSON.stringify(without), vector)).code]).toEqual([`token ${i}`, 2])
  }
  for (const part of ['records', 'chains', 'status_list_tokens']) {
    const without = { ...vector.bundle, [part]: undefined }
    expect([part, (await verify(JSON.stringify(without), vector)).code]).toEqual([part, 2])
  }
})

test('rubbish is not valid: exit 1', async () => {
  const vector = readVector(`valid/${readdirSync(join(vectors, 'valid'))[0] ?? ''}`)
  for (const text of ['', '{', '[]', 'null', '{"v":1,"v":1}', '{"v":1,"records":["x"]}', '{"v":2}x']) {
    expect([text, (await verify(text, vector)).code]).toEqual([text, 1])
  }
})

test('what cannot be read is a wrong command line: exit 2', async () => {
  let err = ''
  const argv = ['verify', join(folder, 'nowhere.json'), '--anchor', join(folder, 'nowhere-either.json')]
  const code = await run(argv, {
    environment: {},
    input: undefined,
    now: () => new Date(0),
    write: async () => undefined,
    complain: (text) => {
      err += text
    },
  })
  expect([code, err]).toEqual([2, expect.stringContaining('usage: arc3088 verify')])
})

test('an anchor that is no key set judges nothing: exit 2, and the option is named', async () => {
  const vector = readVector('valid/plain.json')
  const { code, out, err } = await verify(JSON.stringify(vector.bundle), {
    anchor: vector.bundle,
    at: vector.at,
  })
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain('--anchor')
})

const agreements = join(import.meta.dirname, '../../../vectors/agreements')

const readAgreementVector = (path: string) =>
  JSON.parse(readFileSync(join(agreements, path), 'utf8')) as EvidenceVector

test.each(readdirSync(join(agreements, 'valid')))('finds %s good under a recognised root', async (name) => {
  const vector = readAgreementVector(`valid/${name}`)
  const { code, out } = await verify(JSON.stringify(vector.bundle), vector)
  expect([code, out]).toEqual([0, expect.stringContaining('"state":"in-force"')])
})

test('says under which agreement a code of another root counts, and how old the list is', async () => {
  const vector = readAgreementVector('valid/bilateral.json')
  const { out } = await verify(JSON.stringify(vector.bundle), vector)
  const { recognition } = JSON.parse(out) as {
    recognition: { agreement: { jti: string; hash: string }; list: { seq: number; age: number } }
  }
  const told = await verify(JSON.stringify(vector.bundle), vector, '--no-json')
  expect(told.out).toContain(`协议 agreement  ${recognition.agreement.jti}  ${recognition.agreement.hash}`)
  expect(told.out).toContain(`名单 list  ${recognition.list.seq}, ${recognition.list.age} s old`)
})

test('holds the list to the number that was seen, and to the age that is allowed', async () => {
  const vector = readAgreementVector('valid/bilateral.json')
  const bundle = JSON.stringify(vector.bundle)
  const { recognition } = JSON.parse((await verify(bundle, vector)).out) as {
    recognition: { list: { seq: number; age: number } }
  }
  const { seq, age } = recognition.list
  const outcome = async (...more: string[]) => {
    const { code, out } = await verify(bundle, vector, ...more)
    const { verdict, reasons } = JSON.parse(out) as { verdict: string; reasons: { code: string }[] }
    return [code, verdict, reasons[0]?.code]
  }
  expect(await outcome('--min-seq', String(seq))).toEqual([0, 'valid', undefined])
  expect(await outcome('--min-seq', String(seq + 1))).toEqual([2, 'stale', 'list-rolled-back'])
  expect(await outcome('--max-list-age', String(age))).toEqual([0, 'valid', undefined])
  expect(await outcome('--max-list-age', String(age - 1))).toEqual([2, 'stale', 'list-too-old'])
  expect((await verify(bundle, vector, '--min-seq', 'x')).code).toBe(2)
})
