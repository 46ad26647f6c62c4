import { readFileSync, readdirSync } from 'node:fs'

import type { RootKeySetJws } from '@arc3088/records'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { EvidenceVector } from '../tests/build-vector.ts'
import type { KeyFile } from '../tests/scenario.ts'
import { createDraft, signDraft, signersOf } from '../tests/scenario.ts'
import { createEvidenceMemory } from './evidence-memory.ts'
import { isGood, isIntegrityFailure } from './verdict.ts'
import type { VerifyEvidence } from './verify-evidence.ts'
import { createVerifier, verifyEvidence } from './verify-evidence.ts'

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** A thousand and more verifications each. */
const TIMEOUT_MS = 300_000
const STRAYS = '.=+/ \n\u0000é'

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${path}`, import.meta.url), 'utf8')) as EvidenceVector
const plain = read('evidence/valid/plain.json')
const negative = read('evidence/refused/negative.json')
const witnessed = read('evidence/valid/log-witnessed.json')
const retired = read('evidence/valid/key-retired.json')
const twoOfTwo = read('evidence/valid/log-two-of-two.json')

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

async function ask(verify: VerifyEvidence, { code, anchor, at }: EvidenceVector, bundle: unknown) {
  return await verify({ code, bundle, anchor: { rootKeys: anchor as RootKeySetJws }, at })
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
    ['a bundle with log proofs', witnessed, 800],
    ['a bundle with a key history', retired, 300],
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

/** Another symbol of the same kind, so that the text is as well formed as it was. */
function otherSymbol(symbol: string): string {
  const alphabet = `${SYMBOLS.slice(0, 62)}+/`
  const place = alphabet.indexOf(symbol)
  return place < 0 ? (symbol === 'x' ? 'y' : 'x') : (alphabet[(place + 1) % alphabet.length] ?? '')
}

describe('one changed character of a log proof', { timeout: TIMEOUT_MS }, () => {
  test.each([
    ['with one witness', witnessed],
    ['with two witnesses', twoOfTwo],
  ] as const)('%s, at every single position, is an integrity failure', async (_, vector) => {
    const proofs = Object.entries(vector.bundle['tlog_proofs'] as Record<string, string>)
    const [hash, text] = proofs.at(-1) ?? ['', '']
    expect(text.length).toBeGreaterThan(500)
    // With a memory of the rest, so that three thousand verifications take seconds; the property above does without.
    const verify = createVerifier({ memory: createEvidenceMemory() })
    expect((await ask(verify, vector, vector.bundle)).verdict).toBe('valid')
    for (let i = 0; i < text.length; i += 1) {
      for (const symbol of [otherSymbol(text[i] ?? ''), ' ', '\n']) {
        if (text[i] === symbol) continue
        const bundle = changeAt(vector.bundle, ['tlog_proofs', hash], (proof) => replaceAt(proof, i, symbol))
        const { verdict } = await ask(verify, vector, bundle)
        expect(isIntegrityFailure(verdict), `position ${i} = ${symbol}: ${verdict}`).toBe(true)
      }
    }
  })

  test('outweighs that the bundle is past its expiry', async () => {
    const late = { ...witnessed, at: witnessed.at + 30 * 86_400 }
    const proofs = Object.keys(witnessed.bundle['tlog_proofs'] as Record<string, string>)
    for (const hash of proofs) {
      const bundle = changeAt(witnessed.bundle, ['tlog_proofs', hash], (proof) => replaceAt(proof, 60, '!'))
      expect(isIntegrityFailure(await verdictOf(late, bundle))).toBe(true)
    }
  })

  test('does not pass for a missing proof when it is in the hash that it stands under', async () => {
    const proofs = witnessed.bundle['tlog_proofs'] as Record<string, string>
    const changed = Object.fromEntries(
      Object.entries(proofs).map(([hash, proof]) => [replaceAt(hash, 9, otherSymbol(hash[9] ?? '')), proof]),
    )
    const bundle = { ...witnessed.bundle, tlog_proofs: changed }
    expect(isIntegrityFailure(await verdictOf(witnessed, bundle))).toBe(true)
  })
})

describe('a memory of what was good', { timeout: TIMEOUT_MS }, () => {
  test('never makes a changed part good, whatever was verified before', async () => {
    const verify = createVerifier({ memory: createEvidenceMemory() })
    for (const vector of [plain, witnessed, retired]) {
      expect((await ask(verify, vector, vector.bundle)).verdict).toBe('valid')
    }
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(plain, witnessed, retired)
          .chain((vector) => changes(vector).map((change) => ({ vector, ...change }))),
        async ({ vector, path, index, symbol }) => {
          const bundle = changeAt(vector.bundle, path, (text) => replaceAt(text, index, symbol))
          const { verdict } = await ask(verify, vector, bundle)
          expect(isIntegrityFailure(verdict), `${path.join('/')} [${index}] = ${symbol}: ${verdict}`).toBe(
            true,
          )
          expect((await ask(verify, vector, vector.bundle)).verdict).toBe('valid')
        },
      ),
      { numRuns: 800 },
    )
  })

  test.each(['evidence/valid', 'evidence/refused', 'chains/valid', 'chains/refused'])(
    'says of every vector of %s what a verifier without memory says, twice over',
    async (folder) => {
      const directory = new URL(`../../../vectors/${folder}/`, import.meta.url)
      const vectors = readdirSync(directory).map((file) => read(`${folder}/${file}`))
      const verify = createVerifier({ memory: createEvidenceMemory() })
      for (const vector of [...vectors, ...vectors]) {
        const { code, bundle, at, anchor } = vector
        const pinned = { rootKeys: anchor as RootKeySetJws }
        const fresh = await verifyEvidence({ code, bundle, at, anchor: pinned })
        expect({ name: vector.name, ...(await ask(verify, vector, bundle)) }).toEqual({
          name: vector.name,
          ...fresh,
        })
      }
    },
  )

  test('does not carry trust from one anchor to another', async () => {
    const verify = createVerifier({ memory: createEvidenceMemory() })
    expect((await ask(verify, plain, plain.bundle)).verdict).toBe('valid')
    const { bundle, code, at } = plain
    const signers = await signersOf(read('evidence/test-keys.json') as unknown as KeyFile)
    const draft = createDraft(signers)
    draft.keySet.claims['keys'] = { federation: [{ ...signers['stranger'].publicJwk }] }
    const { anchor } = await signDraft(draft, signers)
    const withoutKeySets = { ...bundle, root_keys: [] }
    const pinned = { rootKeys: anchor as unknown as RootKeySetJws }
    expect((await verify({ code, bundle: withoutKeySets, anchor: pinned, at })).verdict).toBe('chain-invalid')
  })

  test('of a few bytes forgets, and still answers the same', async () => {
    const verify = createVerifier({ memory: createEvidenceMemory({ bytesMax: 20_000 }) })
    for (const vector of [plain, witnessed, plain, witnessed]) {
      expect((await ask(verify, vector, vector.bundle)).verdict).toBe('valid')
    }
  })

  test('is not changed by what is done to an answer', async () => {
    const verify = createVerifier({ memory: createEvidenceMemory() })
    const first = await ask(verify, plain, plain.bundle)
    Object.assign(first.provider?.organization ?? {}, { name_en: 'Mallory' })
    const second = await ask(verify, plain, plain.bundle)
    expect(second.provider?.organization).toMatchObject({ name_en: 'Company A' })
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
