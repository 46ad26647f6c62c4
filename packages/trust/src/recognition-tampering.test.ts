import { readFileSync } from 'node:fs'

import type { RootKeySetJws } from '@arc3088/records'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { RecognitionVector } from '../tests/recognition-cases.ts'
import { createEvidenceMemory } from './evidence-memory.ts'
import { isGood, isIntegrityFailure } from './verdict.ts'
import type { VerifyEvidence } from './verify-evidence.ts'
import { createVerifier, verifyEvidence } from './verify-evidence.ts'

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const STRAYS = '.=+/ \n\u0000é'
const TIMEOUT_MS = 60_000

const read = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../vectors/agreements/valid/${name}.json`, import.meta.url), 'utf8'),
  ) as RecognitionVector
const bilateral = read('bilateral')
const multilateral = read('multilateral')
const updated = read('keys-updated')

type Path = readonly (string | number)[]

/** Paths of all signed texts of a bundle: every string in it. */
function signedParts(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => signedParts(inner, [...path, name]))
}

function textAt(value: unknown, path: Path): string {
  return String(path.reduce<unknown>((here, name) => (here as Record<string, unknown>)[name], value))
}

function changeAt(value: unknown, path: Path, text: string): unknown {
  const changed: unknown = structuredClone(value)
  const [last = ''] = path.slice(-1)
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((here, name) => (here as Record<string, unknown>)[name], changed)
  Object.assign(holder as object, { [last]: text })
  return changed
}

async function verdictOf(
  { code, at, anchor }: RecognitionVector,
  bundle: unknown,
  verify: VerifyEvidence = verifyEvidence,
) {
  return (await verify({ code, bundle, anchor: { rootKeys: anchor as unknown as RootKeySetJws }, at }))
    .verdict
}

/** One other symbol somewhere in one of the signed parts. */
function changes(vector: RecognitionVector, parts: readonly Path[] = signedParts(vector.bundle)) {
  return fc
    .constantFrom(...parts)
    .chain((path) => {
      const text = textAt(vector.bundle, path)
      return fc.record({
        path: fc.constant(path),
        text: fc.constant(text),
        index: fc.nat({ max: text.length - 1 }),
        symbol: fc.constantFrom(...SYMBOLS, ...STRAYS),
      })
    })
    .filter(({ text, index, symbol }) => text[index] !== symbol)
    .map(({ path, text, index, symbol }) => ({
      name: `${path.join('/')} [${index}] = ${symbol}`,
      bundle: changeAt(vector.bundle, path, `${text.slice(0, index)}${symbol}${text.slice(index + 1)}`),
    }))
}

const ofRecognition = (vector: RecognitionVector) =>
  signedParts(vector.bundle).filter(([first]) => first === 'recognition')

describe('one changed character of evidence for a recognised code', { timeout: TIMEOUT_MS }, () => {
  test.each([
    ['two parties', bilateral, 400],
    ['three parties', multilateral, 400],
    ['updated keys', updated, 400],
  ] as const)('with %s is an integrity failure in any signed part', async (_, vector, numRuns) => {
    await fc.assert(
      fc.asyncProperty(changes(vector), async ({ name, bundle }) => {
        const verdict = await verdictOf(vector, bundle)
        expect(isIntegrityFailure(verdict), `${name}: ${verdict}`).toBe(true)
      }),
      { numRuns },
    )
  })

  test('is one in list, agreement, events and key sets, whatever a memory found good before', async () => {
    const verify = createVerifier({ memory: createEvidenceMemory() })
    expect(await verdictOf(multilateral, multilateral.bundle, verify)).toBe('valid')
    await fc.assert(
      fc.asyncProperty(changes(multilateral, ofRecognition(multilateral)), async ({ name, bundle }) => {
        const verdict = await verdictOf(multilateral, bundle, verify)
        expect(isIntegrityFailure(verdict), `${name}: ${verdict}`).toBe(true)
      }),
      { numRuns: 600 },
    )
    expect(await verdictOf(multilateral, multilateral.bundle, verify)).toBe('valid')
  })

  test('is one though the list is old too', async () => {
    const late = { ...bilateral, at: bilateral.at + 700 }
    expect(await verdictOf(late, late.bundle)).toBe('stale')
    await fc.assert(
      fc.asyncProperty(changes(late), async ({ name, bundle }) => {
        const verdict = await verdictOf(late, bundle)
        expect(isIntegrityFailure(verdict), `${name}: ${verdict}`).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a part of a recognition', () => {
  test.each(['list', 'agreement', 'events'])('that is left out (%s) is never made up for', async (part) => {
    const { [part]: _, ...rest } = bilateral.bundle['recognition'] as Record<string, unknown>
    expect(await verdictOf(bilateral, { ...bilateral.bundle, recognition: rest })).toBe('indeterminate')
  })

  test('that is rubbish never makes a code good', async () => {
    const given = bilateral.bundle['recognition'] as Record<string, unknown>
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(given)), fc.jsonValue(), async (part, rubbish) => {
        const bundle = { ...bilateral.bundle, recognition: { ...given, [part]: rubbish } }
        const isSame = JSON.stringify(rubbish) === JSON.stringify(given[part]) || part === 'root_keys'
        expect(isSame || !isGood(await verdictOf(bilateral, bundle))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('of another agreement does not do, however well it is signed', async () => {
    const other = multilateral.bundle['recognition'] as Record<string, unknown>
    const own = bilateral.bundle['recognition'] as Record<string, unknown>
    const swap = async (part: string) =>
      await verdictOf(bilateral, { ...bilateral.bundle, recognition: { ...own, [part]: other[part] } })
    expect(await swap('list')).toBe('chain-invalid')
    expect(await swap('agreement')).toBe('chain-invalid')
    expect(await swap('events')).toBe('chain-invalid')
  })
})
