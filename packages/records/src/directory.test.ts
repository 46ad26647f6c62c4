import { beforeAll, describe, expect, test } from 'vitest'

import {
  directoryDigest,
  directoryHash,
  directoryPageDigest,
  signDirectoryPage,
  verifyDirectoryPage,
  type DirectoryEntry,
  type DirectoryPage,
} from './directory.ts'
import { signProviderEntry, verifyProviderEntry, type ProviderEntry } from './provider-entry.ts'
import { createMemorySigner, generateSigningKey, type Signer } from './signer.ts'

const HASH = 'A'.repeat(43)
let signer: Signer
beforeAll(async () => {
  const { privateJwk } = await generateSigningKey('ES256')
  signer = await createMemorySigner({ alg: 'ES256', privateJwk })
})

const listed: DirectoryEntry = {
  code: '1',
  code_prefix: '1.2.156.3088.1.1',
  entity_id: 'https://p1.example',
  kind: 'domestic',
  state: 'active',
  state_since: 10,
  assignment_hash: HASH,
}

async function page(change: Partial<DirectoryPage> = {}): Promise<DirectoryPage> {
  const digest = await directoryDigest([await directoryPageDigest([listed])])
  const times = { iat: 1000, exp: 4600, ttl: 60 }
  const place = { seq: 2, prev: HASH, page: 1, pages: 1, digest }
  return { iss: 'https://root.example', ...times, ...place, entries: [listed], ...change }
}

describe('a page of the directory', () => {
  test('is what was signed, and its digests are those of its pages', async () => {
    const claims = await page()
    const verified = await verifyDirectoryPage(await signDirectoryPage(signer, claims), [signer.publicJwk])
    expect(verified).toMatchObject({ kind: 'verified', claims })
    expect(await directoryHash(claims)).not.toBe(await directoryHash({ ...claims, seq: 3 }))
    expect(await directoryHash(claims)).not.toBe(await directoryHash({ ...claims, prev: null }))
  })

  const wrong: readonly (readonly [string, Partial<DirectoryPage>])[] = [
    ['lives longer than an hour', { exp: 4601 }],
    ['ends before it begins', { exp: 1000 }],
    ['has a predecessor though it is the first', { seq: 1 }],
    ['has none though it is not', { prev: null }],
    ['stands beyond the last page', { page: 2 }],
    ['is empty before the last page', { pages: 2, entries: [] }],
    ['names a provider twice', { entries: [listed, listed] }],
  ]
  test.each(wrong)('is not signed where it %s', async (_, change) => {
    await expect(signDirectoryPage(signer, await page(change))).rejects.toThrow('refusing to sign')
  })
})

const place = { list: 0, index: 1 }
const assigned: ProviderEntry = {
  iss: 'https://root.example',
  iat: 1000,
  sub: '1.2.156.3088.1.1',
  seq: 1,
  prev: null,
  act: 'assign',
  decision: HASH,
  record: { hash: HASH, status: place },
  statement_status: place,
}
const later: ProviderEntry = {
  iss: 'https://root.example',
  iat: 1000,
  sub: '1.2.156.3088.1.1',
  seq: 2,
  prev: HASH,
  act: 'suspend',
  decision: HASH,
}

describe('an entry in the life of a provider', () => {
  test.each([
    ['assigns it', assigned],
    ['suspends it', later],
    ['replaces its keys', { ...later, act: 'replace-keys', statement_status: place }],
  ] as const)('that %s is what was signed', async (_, claims) => {
    const jws = await signProviderEntry(signer, claims)
    expect(await verifyProviderEntry(jws, [signer.publicJwk])).toMatchObject({ kind: 'verified', claims })
  })

  const { decision: _decision, ...uncaused } = later
  const { record: _record, ...unrecorded } = assigned
  test.each([
    ['begins twice', { ...assigned, seq: 2, prev: HASH }],
    ['begins after another', { ...assigned, prev: HASH }],
    ['follows nothing', { ...later, prev: null }],
    ['is first and no beginning', { ...later, seq: 1, prev: null }],
    ['has no cause', uncaused],
    ['has the cause of another act', { ...uncaused, signed: 'a.b.c' }],
    ['has two causes', { ...later, signed: 'a.b.c' }],
    ['names no record at its beginning', unrecorded],
    ['names a record later', { ...later, record: { hash: HASH, status: place } }],
    ['replaces keys and leaves the statement where it was', { ...later, act: 'replace-keys' }],
  ] as const)('is not signed where it %s', async (_, claims) => {
    await expect(signProviderEntry(signer, claims as ProviderEntry)).rejects.toThrow('refusing to sign')
  })
})
