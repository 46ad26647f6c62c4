import { deflateSync } from 'node:zlib'

import { createMemorySigner, entryAt, generateSigningKey, unpackStatusList } from '@arc3088/records'
import { expect, test } from 'vitest'

import { createKeptList } from './kept-list.ts'

/** mulberry32: the same entries in every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function lstOf(entries: ReadonlyMap<number, number>): Promise<string> {
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  const list = createKeptList(7, {
    entityId: 'https://p1.example',
    ttlSeconds: 300,
    statusListUri: (number) => `https://p1.example/status/${number}`,
    signer: () => signer,
    knownUpTo: () => 1_790_000_000,
    reached: () => undefined,
  })
  for (const [index, status] of entries) list.apply(index, status)
  const [, payload = ''] = (await list.token()).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { status_list: { lst: string } }
  return claims.status_list.lst
}

test.each([2000, 200, 20, 5])(
  'a list with one in %d entries set is whole, and no larger than deflated by default',
  async (one) => {
    const random = randomFrom(3088 + one)
    const entries = new Map<number, number>()
    for (let index = 0; index < 2 ** 17; index += 1) {
      if (random() * one < 1) entries.set(index, random() < 0.5 ? 1 : 2)
    }
    const lst = await lstOf(entries)
    const unpacked = await unpackStatusList(lst)
    if (unpacked.kind !== 'list') throw new Error('the list was refused')
    for (let index = 0; index < 2 ** 17; index += 1) {
      if (entryAt(unpacked.bytes, index) !== (entries.get(index) ?? 0))
        throw new Error(`entry ${index} is another`)
    }
    expect(Buffer.from(lst, 'base64url').length).toBeLessThanOrEqual(deflateSync(unpacked.bytes).length)
  },
)
