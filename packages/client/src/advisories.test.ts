import {
  createMemorySigner,
  generateSigningKey,
  listDigest,
  MEDIA_TYPE,
  pageDigest,
  signAdvisoryList,
  signEntityConfiguration,
  signRootKeySet,
  type AdvisoryEntry,
} from '@arc3088/records'
import { createEvidenceMemory, createRecordVerifier, pinAnchor } from '@arc3088/trust'
import { expect, test } from 'vitest'

import type { DocumentRequest, FetchedDocument } from './fetch-document.ts'
import { createAdvisoryBook } from './advisories.ts'
import { anchoredParty } from './anchored-party.ts'
import { createMemoryCache } from './document-cache.ts'
import { createDocumentSource } from './document-source.ts'
import { createEndorser, createEndorsers } from './endorsement.ts'
import { createKeySetMemory } from './key-set-memory.ts'
import { createListMemory } from './list-memory.ts'

const ROOT = 'https://root.example'
const START = 1_790_000_000

async function newSigner() {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}
const [rootKey, federation, issuing, status] = await Promise.all([
  newSigner(),
  newSigner(),
  newSigner(),
  newSigner(),
])

const keySet = await signRootKeySet([rootKey], {
  iss: ROOT,
  seq: 1,
  prev: null,
  threshold: 1,
  root_keys: [rootKey.publicJwk],
  keys: { federation: [federation.publicJwk] },
  nbf: START - 60,
  exp: START + 86_400 * 365,
})
const configuration = await signEntityConfiguration(federation, {
  iss: ROOT,
  sub: ROOT,
  iat: START,
  exp: START + 86_400,
  jwks: { keys: [federation.publicJwk] },
  metadata: {
    federation_entity: { federation_fetch_endpoint: `${ROOT}/federation/fetch` },
    agent_code_root: {
      code_prefix: '1.2.156.3088',
      scheme_versions: ['1'],
      issuing_jwks: { keys: [issuing.publicJwk] },
      status_jwks: { keys: [status.publicJwk] },
      code_resolution_uri: `${ROOT}/v1/codes/{code}`,
    },
  },
})

const entry = (
  nth: number,
  affected: readonly string[],
  state: AdvisoryEntry['state'] = 'published',
): AdvisoryEntry => ({
  id: `urn:uuid:01990000-0000-7000-8000-00000000000${nth}`,
  version: 1,
  hash: 'A'.repeat(43),
  state,
  kind: 'warning',
  severity: 'high',
  title: { zh: '警告', en: 'A warning' },
  affected: [...affected],
})

interface Said {
  readonly seq: number
  readonly prev?: string | null
  readonly pages: readonly (readonly AdvisoryEntry[])[]
  readonly signer?: typeof federation
}

/** A root that says whatever it is told to, and a book that asks it. */
async function createWorld() {
  const world = { at: START, asked: 0, isDown: false, documents: new Map<string, string>() }
  const anchor = pinAnchor(JSON.stringify(keySet))
  if ('kind' in anchor) throw new Error(anchor.detail)
  const now = () => new Date(world.at * 1000)
  const answer = (mediaType: string, body: string): FetchedDocument => ({
    status: 200,
    mediaType,
    headers: {},
    body,
  })
  const fetchDocument = ({ url }: DocumentRequest): Promise<FetchedDocument> => {
    const path = url.slice(ROOT.length)
    if (path.startsWith('/.well-known/agent-code-root-keys'))
      return Promise.resolve(answer(MEDIA_TYPE.rootKeySet, JSON.stringify([keySet])))
    if (path.startsWith('/.well-known/openid-federation'))
      return Promise.resolve(answer(MEDIA_TYPE.entityStatement, configuration))
    world.asked += 1
    const document = world.isDown ? undefined : world.documents.get(path)
    return Promise.resolve(
      document === undefined
        ? { status: 503, mediaType: 'application/problem+json', headers: {}, body: '{}' }
        : answer(MEDIA_TYPE.advisoryList, document),
    )
  }
  const memory = createKeySetMemory()
  const book = createAdvisoryBook(
    {
      source: createDocumentSource({ fetchDocument, cache: createMemoryCache(), now }),
      endorse: createEndorser(anchor, memory),
      endorseUnder: createEndorsers(),
      verifyRecord: createRecordVerifier(createEvidenceMemory()),
      lists: createListMemory(),
      root: anchoredParty(ROOT),
    },
    () => world.at * 1000,
  )
  return {
    world,
    async say({
      seq,
      prev = seq === 1 ? null : 'B'.repeat(43),
      pages,
      signer = federation,
    }: Said): Promise<string> {
      const digest = await listDigest({ seq, prev, pages: await Promise.all(pages.map(pageDigest)) })
      for (const [nth, entries] of pages.entries()) {
        const jws = await signAdvisoryList(signer, {
          iss: ROOT,
          iat: world.at,
          exp: world.at + 3600,
          ttl: 60,
          seq,
          prev,
          digest,
          page: nth + 1,
          pages: pages.length,
          entries: [...entries],
        })
        world.documents.set(`/v1/advisories?page=${nth + 1}`, jws)
      }
      return digest
    },
    told: async () =>
      await book.touching({ code: INSTANCE }, { freshAfter: 0, deadline: (world.at + 5) * 1000 }),
    /** The last digits of the names of what touches a code; undefined where nobody can tell. */
    async touching(code: string): Promise<string[] | undefined> {
      const [, prefix, version, provider, requester, ontology, instance] =
        /^(1\.2\.156\.3088)\.(1)\.(\w+)(?:\.(\w+))?(?:\.(\w+)\.(\w+))?$/.exec(code) ?? []
      if (prefix === undefined || version === undefined || provider === undefined) throw new Error(code)
      const told = await book.touching(
        {
          code,
          segments: {
            prefix,
            version,
            provider,
            ...(requester === undefined ? {} : { requester }),
            ...(ontology === undefined || instance === undefined ? {} : { ontology, instance }),
          },
        },
        { freshAfter: 0, deadline: (world.at + 5) * 1000 },
      )
      return told.notices?.map(({ id }) => id.slice(-1))
    },
  }
}

const INSTANCE = '1.2.156.3088.1.1.2.3.4'

test('names what touches a code: by its provider, requester, ontology or itself, over all pages', async () => {
  const { say, touching } = await createWorld()
  await say({
    seq: 1,
    pages: [
      [entry(1, ['1.2.156.3088.1.1']), entry(2, ['1.2.156.3088.1.1.2', '1.2.156.3088.1.1'])],
      [entry(3, ['1.2.156.3088.1.1.2.3.0']), entry(4, [INSTANCE]), entry(5, ['1.2.156.3088.1.1.2.3.5'])],
      [entry(6, ['1.2.156.3088.1.1'], 'withdrawn'), entry(7, ['1.2.156.3088.1.11'])],
    ],
  })
  expect((await touching(INSTANCE))?.toSorted()).toEqual(['1', '2', '3', '4'])
  expect(await touching('1.2.156.3088.1.1.2.9.0')).toEqual(['1', '2'])
  expect(await touching('1.2.156.3088.1.2')).toEqual([])
})

test('takes the list once for its ttl, however many ask, and sees the next one after it', async () => {
  const { world, say, touching } = await createWorld()
  const digest = await say({ seq: 1, pages: [[]] })
  expect(await Promise.all(Array.from({ length: 8 }, () => touching(INSTANCE)))).toEqual(
    Array.from({ length: 8 }, () => []),
  )
  expect(world.asked).toBe(1)
  await say({ seq: 2, prev: digest, pages: [[entry(1, [INSTANCE])]] })
  world.at += 59
  expect(await touching(INSTANCE)).toEqual([])
  world.at += 2
  expect(await touching(INSTANCE)).toEqual(['1'])
})

test('refuses a list that was rolled back, forked, or is of another key, and keeps the one it knows', async () => {
  const { world, say, touching } = await createWorld()
  await say({ seq: 5, pages: [[entry(1, [INSTANCE])]] })
  expect(await touching(INSTANCE)).toEqual(['1'])
  for (const said of [
    { seq: 4, pages: [[]] },
    { seq: 5, pages: [[]] },
    { seq: 6, pages: [[]] },
    { seq: 7, pages: [[]], signer: issuing },
  ]) {
    world.at += 61
    await say(said)
    expect(await touching(INSTANCE)).toEqual(['1'])
  }
  world.at += 61
  await say({ seq: 8, pages: [[]] })
  expect(await touching(INSTANCE)).toEqual([])
})

test('goes by the list that it knows while the root is down, until the list expires; then nobody can tell', async () => {
  const { world, say, touching } = await createWorld()
  await say({ seq: 1, pages: [[entry(1, [INSTANCE])]] })
  await touching(INSTANCE)
  world.isDown = true
  world.at += 3599
  expect(await touching(INSTANCE)).toEqual(['1'])
  world.at += 2
  expect(await touching(INSTANCE)).toBeUndefined()
  world.isDown = false
  world.at += 2
  await say({ seq: 3, pages: [[]] })
  expect(await touching(INSTANCE)).toEqual([])
})

test('what the list says is fresh until it expires at the longest, also where another was just refused', async () => {
  const { world, say, told } = await createWorld()
  await say({ seq: 1, pages: [[entry(1, [INSTANCE])]] })
  await told()
  world.at += 3599
  await say({ seq: 1, pages: [[]] })
  expect(await told()).toMatchObject({ notices: [{ severity: 'high' }], freshUntil: (START + 3600) * 1000 })
})
