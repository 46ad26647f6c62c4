import { generateSigningKey, type OwnLog, type PublicJwk } from '@arc3088/records'
import { COSIGNATURE_ALGORITHM, parseVkey } from '@arc3088/tlog'
import { expect, test } from 'vitest'

import { cosigningVkey, logOrigin, logUrl, logVkey, ownLogMetadata, witnessUrl } from './log-identity.ts'
import { judgeOwnLog, witnessesOf } from './own-log.ts'

const ENTITY = 'https://p1.example'
const newJwk = async (): Promise<PublicJwk> => (await generateSigningKey('Ed25519')).publicJwk
const jwk = await newJwk()
const own = ownLogMetadata(ENTITY, [jwk])

test.each([
  ['https://root.example', 'root.example/tlog', 'https://root.example/tlog/', 'https://root.example/'],
  ['http://127.0.0.1:3088', '127.0.0.1:3088/tlog', 'http://127.0.0.1:3088/tlog/', 'http://127.0.0.1:3088/'],
  ['http://[::1]:3088', '[::1]:3088/tlog', 'http://[::1]:3088/tlog/', 'http://[::1]:3088/'],
  // Two entities may share a host, and their logs are two.
  ['https://a.example/b', 'a.example/b/tlog', 'https://a.example/b/tlog/', 'https://a.example/b/'],
])('names the log of %s', (entityId, origin, url, witness) => {
  expect([logOrigin(entityId), logUrl(entityId), witnessUrl(entityId)]).toEqual([origin, url, witness])
})

test('describes a log that is the entity’s own', () => {
  expect(own).toEqual({
    url: 'https://p1.example/tlog/',
    origin: 'p1.example/tlog',
    vkeys: [expect.stringMatching(/^p1\.example\/tlog\+[0-9a-f]{8}\+A/)],
  })
  expect(judgeOwnLog(ENTITY, own, [])).toEqual({ kind: 'own' })
})

test('names no log by a key that is not of Ed25519', async () => {
  const { publicJwk } = await generateSigningKey('ES256')
  expect(() => ownLogMetadata(ENTITY, [publicJwk])).toThrow(/not of Ed25519/)
})

const CLAIMS: [string, Partial<OwnLog>, string][] = [
  ['the origin of another', { origin: 'p2.example/tlog' }, 'origin-not-own'],
  ['an origin above its own', { origin: 'p1.example' }, 'origin-not-own'],
  ['an address elsewhere', { url: 'https://p2.example/tlog/' }, 'url-not-own'],
  ['an address that only begins like its own', { url: 'https://p1.example.evil/tlog/' }, 'url-not-own'],
  ['an address without a slash at its end', { url: 'https://p1.example/tlog' }, 'url-not-own'],
  ['a vkey that is none', { vkeys: ['p1.example/tlog+00000000+AQ=='] }, 'vkey-unusable'],
  ['the vkey of another log', { vkeys: [logVkey('https://p2.example', jwk)] }, 'vkey-not-of-the-log'],
  [
    'a second vkey of another log',
    { vkeys: [...own.vkeys, logVkey('https://p2.example', jwk)] },
    'vkey-not-of-the-log',
  ],
  ['a cosigning key', { vkeys: witnessesOf(ENTITY, own).map(({ vkey }) => vkey) }, 'vkey-unusable'],
]
test.each(CLAIMS)('refuses a log with %s', (_, change, reason) => {
  expect(judgeOwnLog(ENTITY, { ...own, ...change }, [])).toMatchObject({ kind: 'refuse', reason })
})

test('refuses a log whose key serves another purpose', async () => {
  expect(judgeOwnLog(ENTITY, own, [await newJwk(), jwk])).toMatchObject({
    kind: 'refuse',
    reason: 'key-shared',
  })
})

test('derives the witness that the owner of a log is: the same key as algorithm 4, under the name of the node', () => {
  const [witness] = witnessesOf(ENTITY, own)
  const [log, cosigner] = [parseVkey(own.vkeys[0] ?? ''), parseVkey(witness?.vkey ?? '')]
  expect(witness?.url).toBe('https://p1.example/')
  expect(cosigner).toMatchObject({
    name: 'p1.example',
    algorithm: COSIGNATURE_ALGORITHM,
    publicKey: log?.publicKey,
  })
  expect(witnessesOf(ENTITY, { ...own, vkeys: ['nonsense'] })).toEqual([])
})

test('a witness is listed with every key of its log: the one that signs, the newest, then those before', async () => {
  const keys = [jwk, await newJwk(), await newJwk(), await newJwk()]
  const addresses = witnessesOf(ENTITY, ownLogMetadata(ENTITY, keys))
  const order = [keys[0], keys[3], keys[1], keys[2]]
  expect(addresses).toEqual(
    order.map((key) => ({ vkey: key && cosigningVkey(ENTITY, key), url: 'https://p1.example/' })),
  )
})

test('an entity that moved cosigns under the name that its log has, and is reached where it is', () => {
  const addresses = witnessesOf('https://moved.example', { ...own, url: 'https://moved.example/tlog/' })
  expect(addresses).toEqual(
    witnessesOf(ENTITY, own).map(({ vkey }) => ({ vkey, url: 'https://moved.example/' })),
  )
})
