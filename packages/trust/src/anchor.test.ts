import {
  createMemorySigner,
  generateSigningKey,
  rootKeySetHash,
  signRootKeySet,
  type RootKeySet,
  type RootKeySetJws,
  type Signer,
} from '@arc3088/records'
import { beforeAll, expect, test } from 'vitest'

import { walkKeySets } from './anchor.ts'
import { createEvidenceMemory } from './evidence-memory.ts'
import type { SeenKeySet } from './evidence-bundle.ts'
import { createFindings } from './findings.ts'

/** Sets 1 to 4: three root keys of which two sign; each next set replaces one of them. */
let keys: Signer[]
let federation: Signer
let sets: RootKeySetJws[]

async function newSigner(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

function signersFrom(nth: number): Signer[] {
  return keys.slice(nth, nth + 3)
}

async function claimsOf(nth: number, before: RootKeySetJws | undefined): Promise<RootKeySet> {
  return {
    iss: 'https://root.example',
    seq: nth + 1,
    prev: before === undefined ? null : await rootKeySetHash(before),
    threshold: 2,
    root_keys: signersFrom(nth).map(({ publicJwk }) => publicJwk),
    keys: { federation: [federation.publicJwk] },
    nbf: 1_790_000_000,
    exp: 1_800_000_000 + nth,
  }
}

beforeAll(async () => {
  keys = await Promise.all(Array.from({ length: 7 }, newSigner))
  federation = await newSigner()
  sets = []
  for (let nth = 0; nth < 4; nth += 1) {
    // The two that stand in both sets sign for both.
    const shared = signersFrom(nth).slice(0, 2)
    sets.push(await signRootKeySet(shared, await claimsOf(nth, sets.at(-1))))
  }
})

async function walk(from: number, supplied: readonly (RootKeySetJws | undefined)[], seen?: SeenKeySet) {
  const rootKeys = sets[from]
  if (rootKeys === undefined) throw new Error(`there is no set ${from}`)
  const findings = createFindings()
  const given = supplied.flatMap((jws) => (jws === undefined ? [] : [jws]))
  const newest = await walkKeySets({ rootKeys, seen }, given, { findings, memory: createEvidenceMemory() })
  return newest?.claims.seq ?? findings.all[0]?.code
}

const seenSet = async (nth: number): Promise<SeenKeySet> => ({
  seq: nth + 1,
  hash: await rootKeySetHash(sets[nth] ?? { payload: '', signatures: [] }),
})

test('an old pin leads to the newest set, over sets of which no root key is left', async () => {
  expect(await walk(0, sets)).toBe(4)
  expect(await walk(2, sets)).toBe(4)
})

test('a set that was left out, or signed by one of two, leads nowhere', async () => {
  expect(await walk(0, [sets[0], sets[2]])).toBe('succession-broken')
  const alone = await signRootKeySet(signersFrom(1).slice(0, 1), await claimsOf(1, sets[0]))
  expect(await walk(0, [sets[0], alone])).toBe('threshold-not-met')
})

test('two root keys of the new set alone do not replace those of the old one', async () => {
  const taken = await signRootKeySet(signersFrom(1).slice(1), await claimsOf(1, sets[0]))
  expect(await walk(0, [sets[0], taken])).toBe('threshold-not-met')
})

test('a root that goes back behind a set that was met is refused', async () => {
  expect(await walk(0, sets.slice(0, 2), await seenSet(3))).toBe('anchor-rolled-back')
  expect(await walk(0, [], await seenSet(1))).toBe('anchor-rolled-back')
  expect(await walk(0, sets, await seenSet(3))).toBe(4)
  expect(await walk(0, sets, await seenSet(1))).toBe(4)
})

test('a root that shows another set in the place of one that was met is refused, also under later ones', async () => {
  const other = { seq: 2, hash: 'x'.repeat(43) }
  expect(await walk(0, sets.slice(0, 2), other)).toBe('anchor-conflict')
  expect(await walk(0, sets, other)).toBe('anchor-conflict')
})
