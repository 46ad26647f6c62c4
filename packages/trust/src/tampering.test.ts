import { readFileSync } from 'node:fs'

import type { RootKeySetJws } from '@arc3088/records'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { EvidenceVector } from '../tests/build-vector.ts'
import { isGood, isIntegrityFailure } from './verdict.ts'
import { verifyEvidence } from './verify-evidence.ts'

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** A thousand and more verifications each. */
const TIMEOUT_MS = 60_000
const STRAYS = '.=+/ \n\u0000é'

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${path}`, import.meta.url), 'utf8')) as EvidenceVector
const plain = read('evidence/valid/plain.json')
const negative = read('evidence/refused/negative.json')

type Path = readonly (string | number)[]

/** Paths of all signed texts of a bundle: every string in it. */
function signedParts(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => signedParts(inner, [...path, name]))
}

function changeAt(value: unknown, path: Path, change: (text: string) => string): unknown {
  const [name, ...rest] = path
  if (name === undefined) return change(String(value))
  if (Array.isArray(value))
    return value.map((each: unknown, i) => (String(i) === String(name) ? changeAt(each, rest, change) : each))
  return Object.fromEntries(
    Object.entries(value as object).map(([key, each]) => [
      key,
      key === String(name) ? changeAt(each, rest, change) : each,
    ]),
  )
}

async function verdictOf({ code, at, anchor }: EvidenceVector, bundle: unknown) {
  const { verdict } = await verifyEvidence({
    code,
    bundle,
    anchor: { rootKeys: anchor as RootKeySetJws },
    at,
  })
  return verdict
}

function replaceAt(text: string, index: number, symbol: string): string {
  return `${text.slice(0, index)}${symbol}${text.slice(index + 1)}`
}

/** A part, a position in it, and another symbol than stands there. */
function changes(vector: EvidenceVector) {
  return fc
    .constantFrom(...signedParts(vector.bundle))
    .chain((path) => {
      const text = String(
        path.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], vector.bundle),
      )
      return fc.record({
        path: fc.constant(path),
        text: fc.constant(text),
        index: fc.nat({ max: text.length - 1 }),
        symbol: fc.constantFrom(...SYMBOLS, ...STRAYS),
      })
    })
    .filter(({ text, index, symbol }) => text[index] !== symbol)
}

describe('one changed character', { timeout: TIMEOUT_MS }, () => {
  test.each([
    ['a positive bundle', plain, 800],
    ['a negative bundle', negative, 300],
  ] as const)(
    'of any signed part makes %s an integrity failure, never stale and never good',
    async (_, vector, numRuns) => {
      await fc.assert(
        fc.asyncProperty(changes(vector), async ({ path, index, symbol }) => {
          const bundle = changeAt(vector.bundle, path, (text) => replaceAt(text, index, symbol))
          const verdict = await verdictOf(vector, bundle)
          expect(isIntegrityFailure(verdict), `${path.join('/')} [${index}] = ${symbol}: ${verdict}`).toBe(
            true,
          )
        }),
        { numRuns },
      )
    },
  )

  test('outweighs that the bundle is past its expiry', async () => {
    const late = { ...plain, at: plain.at + 30 * 86_400 }
    expect(await verdictOf(late, plain.bundle)).toBe('stale')
    await fc.assert(
      fc.asyncProperty(changes(plain), async ({ path, index, symbol }) => {
        const bundle = changeAt(plain.bundle, path, (text) => replaceAt(text, index, symbol))
        expect(isIntegrityFailure(await verdictOf(late, bundle))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('at every single position of the smallest record', async () => {
    const records = plain.bundle['records'] as string[]
    const index = records.length - 1
    const text = records[index] ?? ''
    for (let i = 0; i < text.length; i += 1) {
      const symbol = SYMBOLS[(SYMBOLS.indexOf(text[i] ?? '') + 1) % SYMBOLS.length] ?? ''
      const bundle = changeAt(plain.bundle, ['records', index], (jws) => replaceAt(jws, i, symbol))
      const verdict = await verdictOf(plain, bundle)
      expect(isIntegrityFailure(verdict), `position ${i}: ${verdict}`).toBe(true)
    }
  })
})

describe('rubbish', { timeout: TIMEOUT_MS }, () => {
  test('of any JSON gets a verdict that is not good, and never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (bundle) => {
        const verdict = await verdictOf(plain, bundle)
        expect(isGood(verdict)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('in any one part gets a verdict that is not good', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...signedParts(plain.bundle)), fc.string(), async (path, text) => {
        const bundle = changeAt(plain.bundle, path, () => text)
        expect(isIntegrityFailure(await verdictOf(plain, bundle))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('as the question gets a verdict that is not good', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (code) => {
        const { verdict } = await verifyEvidence({
          code,
          bundle: plain.bundle,
          anchor: { rootKeys: plain.anchor as RootKeySetJws },
          at: plain.at,
        })
        expect(isGood(verdict)).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})
