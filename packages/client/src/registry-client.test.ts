import { parseRootPrefix } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import { createMemorySigner, generateSigningKey, signRootKeySet } from '@arc3088/records'
import type { PinnedAnchor } from '@arc3088/trust'
import { expect, test } from 'vitest'

import type { RegistryClientOptions } from './registry-client.ts'
import { createRegistryClient } from './registry-client.ts'

const NOW = Date.UTC(2026, 10, 22)

async function createAnchor(): Promise<PinnedAnchor> {
  const [root, federation] = [await generateSigningKey('ES256'), await generateSigningKey('ES256')]
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk: root.privateJwk })
  const nbf = NOW / 1000 - 60
  const claims = {
    iss: 'https://root.example',
    seq: 1,
    prev: null,
    threshold: 1,
    root_keys: [root.publicJwk],
    keys: { federation: [federation.publicJwk] },
    nbf,
    exp: nbf + 86_400,
  }
  return { rootKeys: await signRootKeySet([signer], claims) }
}

const anchor = await createAnchor()

/** A client whose network is down, and the addresses it tried. */
function clientWithoutNetwork(options: Pick<RegistryClientOptions, 'prefix'> = {}) {
  const asked: string[] = []
  const client = createRegistryClient({
    ...options,
    anchor,
    now: () => new Date(NOW),
    fetchDocument: ({ url }) => {
      asked.push(url)
      return Promise.reject(new RegistryError('upstream-unreachable', 'nobody there'))
    },
  })
  return { client, asked }
}

test.each([
  ['', 'empty'],
  ['not a code', 'prefix-unknown'],
  ['1.2.156.3088.1.01.34C2.478BDF.3GF546', 'leading-zero'],
  ['1.2.156.3088.1.1.34C2.478BDF.3GF546/../../v1/desk', 'character'],
  ['1.2.156.3088.1.1.34C2.478BDF.3GF546?at=0', 'character'],
  ['1.2.156.3088.1.1.34C2.478BDF.3GF546#x', 'character'],
  ['1.2.156.3088.1.1.34C2.478BDF.%33', 'character'],
  ['https://evil.example/', 'prefix-unknown'],
  ['http://169.254.169.254/latest/meta-data', 'prefix-unknown'],
  ['//evil.example', 'character'],
  ['1.2.156.3088.1.1.34C2.478BDF.3GF546\r\nHost: evil.example', 'space'],
  ['urn:oid:1.2.156.3088.1.1.34C2.478BDF.3GF546', 'prefix-unknown'],
  ['1.2.156.3088.1.1.34C2.478BDF.0.', 'empty-segment'],
  ['1'.repeat(100_000), 'too-long'],
])('answers malformed to %j without asking anybody', async (text, reason) => {
  const { client, asked } = clientWithoutNetwork()
  const answer = await client.resolve(text)
  expect(answer).toMatchObject({ code: text, verdict: 'malformed', valid_until: null })
  expect(answer.malformation?.reason).toBe(reason)
  expect(asked).toEqual([])
})

test('answers a code of another version without asking anybody', async () => {
  const { client, asked } = clientWithoutNetwork()
  const answer = await client.resolve('1.2.156.3088.2.1.34C2.478BDF.3GF546')
  expect(answer.verdict).toBe('unsupported-version')
  expect(asked).toEqual([])
})

test('asks its own root alone whom it recognises, and cannot tell while it does not answer', async () => {
  const { client, asked } = clientWithoutNetwork()
  const answer = await client.resolve('1.2.702.9999.1.1.34C2.478BDF.3GF546')
  expect(answer.verdict).toBe('indeterminate')
  expect(answer.malformation).toBeUndefined()
  expect(new Set(asked.map((url) => new URL(url).origin))).toEqual(new Set(['https://root.example']))
})

test('cannot tell, and says why, where nobody answers', async () => {
  const { client, asked } = clientWithoutNetwork()
  const answer = await client.resolve('1.2.156.3088.1.1.34c2.478bdf.3gf546')
  expect(answer).toMatchObject({ code: '1.2.156.3088.1.1.34C2.478BDF.3GF546', verdict: 'indeterminate' })
  expect(answer.reasons[0]).toMatchObject({ code: 'upstream-unreachable', detail: 'nobody there' })
  expect(new Set(asked.map((url) => new URL(url).origin))).toEqual(new Set(['https://root.example']))
  expect(await client.anchorTroubles()).toHaveLength(2)
})

test('asks the root about nothing but itself until it has proved who it is', async () => {
  const { client, asked } = clientWithoutNetwork()
  await client.resolve('1.2.156.3088.1.1.34C2.478BDF.3GF546')
  expect(asked.toSorted()).toEqual([
    'https://root.example/.well-known/agent-code-root-keys',
    'https://root.example/.well-known/openid-federation',
  ])
})

test('recalls nothing that it could not tell, or that is no code', async () => {
  const { client } = clientWithoutNetwork()
  for (const text of ['1.2.156.3088.1.1.34C2.478BDF.3GF546', 'not a code', '']) {
    await client.resolve(text)
    expect(client.recall(text)).toBeUndefined()
  }
})

test('notes a provider code of six symbols, over which the standard contradicts itself', async () => {
  const { client } = clientWithoutNetwork()
  const { notes } = await client.resolve('1.2.156.3088.1.ABCDEF.34C2.478BDF.3GF546')
  expect(notes).toContain('provider-width-disputed')
})

test('refuses an anchor that is no key set', () => {
  const wrong = { rootKeys: { payload: 'e30', signatures: [] } }
  const build = () =>
    createRegistryClient({
      anchor: wrong,
      now: () => new Date(NOW),
      fetchDocument: () => Promise.reject(new Error('asked')),
    })
  expect(build).toThrow(TypeError)
})

test('a code of another version under the prefix of another pinned root is told without asking anybody', async () => {
  const { client, asked } = clientWithoutNetwork({ prefix: parseRootPrefix('1.2.250.3088') })
  expect((await client.resolve('1.2.250.3088.2.1')).verdict).toBe('unsupported-version')
  expect(asked).toEqual([])
})
