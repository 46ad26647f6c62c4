import {
  createMemorySigner,
  generateSigningKey,
  rootKeySetHash,
  signRootKeySet,
  type RootKeySetJws,
  type Signer,
} from '@arc3088/records'
import { beforeAll, expect, test } from 'vitest'

import { createKeySetMemory, formatSeenKeySet, readSeenKeySet } from './key-set-memory.ts'
import { createEndorser } from './endorsement.ts'

const HASH = 'h'.repeat(43)
let sets: RootKeySetJws[]

async function newSigner(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

beforeAll(async () => {
  const [first, second, federation] = [await newSigner(), await newSigner(), await newSigner()]
  const claims = {
    iss: 'https://root.example',
    threshold: 1,
    keys: { federation: [federation.publicJwk] },
    nbf: 1_790_000_000,
    exp: 1_800_000_000,
  }
  const one = await signRootKeySet([first], { ...claims, seq: 1, prev: null, root_keys: [first.publicJwk] })
  const prev = await rootKeySetHash(one)
  const next = { ...claims, seq: 2, prev, root_keys: [second.publicJwk] }
  sets = [one, await signRootKeySet([first, second], next)]
})

const anchor = () => ({ rootKeys: sets[0] ?? { payload: '', signatures: [] } })

test('an endorser tells the memory of every newer set it walks to, and of no set that does not follow', async () => {
  const met: number[] = []
  const endorse = createEndorser(
    anchor(),
    createKeySetMemory(undefined, ({ seq }) => met.push(seq)),
  )
  await endorse(JSON.stringify([sets[0]]), [])
  await endorse(JSON.stringify(sets), [])
  await endorse(JSON.stringify([sets[0]]), ['again'])
  expect(met).toEqual([1, 2])
  const forged = { ...sets[1], signatures: sets[1]?.signatures.slice(1) }
  await createEndorser(
    anchor(),
    createKeySetMemory(undefined, ({ seq }) => met.push(-seq)),
  )(JSON.stringify([sets[0], forged]), [])
  expect(met).toEqual([1, 2, -1])
})

test('is read again as it was kept, below the same pinned set alone', async () => {
  const text = await formatSeenKeySet(anchor(), { seq: 7, hash: HASH })
  expect(await readSeenKeySet(anchor(), text)).toEqual({ seq: 7, hash: HASH })
  expect(await readSeenKeySet({ rootKeys: sets[1] ?? anchor().rootKeys }, text)).toBe('other')
})

test.each(['', '{', 'null', '[]', '{"pinned":"x","seq":1,"hash":"y"}', `{"seq":0,"hash":"${HASH}"}`])(
  'a damaged memory (%s) does not pass for having met nothing',
  async (text) => {
    expect(await readSeenKeySet(anchor(), text)).toBe('unreadable')
  },
)
