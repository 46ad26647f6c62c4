import {
  readEntityConfiguration,
  readResolveResponse,
  readSubordinateStatement,
  verifyEntityConfiguration,
  verifyKeyHistory,
  verifyResolveResponse,
  verifySubordinateStatement,
  type Signer,
} from '@arc3088/records'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, makeProvider, newSigner, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
let applicants: TestApplicant[]
/** Seconds that the root is ahead of us: its statements age as this is put forward. */
let ahead = 0

beforeAll(async () => {
  root = await startTestRoot({ now: () => new Date(Date.now() + ahead * 1000) })
  applicants = []
  for (const code of ['F1', 'F2', 'F3', 'F4', 'F5']) {
    const applicant = await createApplicant(root)
    await makeProvider(root, applicant, code)
    applicants.push(applicant)
  }
})
afterAll(async () => {
  for (const applicant of applicants) await applicant[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

function provider(nth: number): TestApplicant {
  const found = applicants[nth]
  if (found === undefined) throw new Error(`there is no provider ${nth}`)
  return found
}

const federation = () => [root.keys.signer('federation').publicJwk]
const address = (path: string, query: Readonly<Record<string, string | readonly string[]>>) => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const each of typeof value === 'string' ? [value] : value) search.append(name, each)
  return `/federation/${path}?${search.toString()}`
}
const ask = (path: string, query: Readonly<Record<string, string | readonly string[]>> = {}) =>
  root.get(address(path, query))

/** Counts the signatures of the root's federation key while something is done. */
async function signaturesDuring(act: () => Promise<void>): Promise<number> {
  const { keys } = root.root.deps.node
  const signer = keys.active('federation') as { sign: Signer['sign'] }
  const { sign } = signer
  let count = 0
  signer.sign = async (input) => {
    count += 1
    return await sign.call(signer, input)
  }
  try {
    await act()
  } finally {
    signer.sign = sign
  }
  return count
}

async function errorOf(response: Response): Promise<unknown[]> {
  const body = await readJson(response)
  expect(Object.keys(body).toSorted()).toEqual(['error', 'error_description'])
  return [response.status, response.headers.get('content-type'), body['error']]
}

const JSON_TYPE = 'application/json'

describe('every endpoint', () => {
  const good = () => ({
    '/.well-known/openid-federation': 'application/entity-statement+jwt',
    [address('fetch', { sub: provider(0).entityId })]: 'application/entity-statement+jwt',
    [address('list', {})]: JSON_TYPE,
    [address('extended-list', {})]: JSON_TYPE,
    [address('resolve', { sub: provider(0).entityId, trust_anchor: root.url })]:
      'application/resolve-response+jwt',
    '/federation/historical-keys': 'application/jwk-set+jwt',
  })

  test('answers with its exact media type, for every origin, cacheable, and 304 to whoever has it', async () => {
    for (const [path, mediaType] of Object.entries(good())) {
      const response = await root.get(path)
      const { headers, status } = response
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, mediaType])
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+$/)
      const again = await root.get(path, { 'if-none-match': headers.get('etag') ?? '' })
      expect([path, again.status]).toEqual([path, 304])
    }
  })

  test('answers HEAD as GET without the body, and refuses other methods', async () => {
    for (const path of Object.keys(good())) {
      const head = await fetch(`${root.url}${path}`, { method: 'HEAD' })
      expect([path, head.status, await head.text()]).toEqual([path, 200, ''])
      const post = await fetch(`${root.url}${path}`, { method: 'POST' })
      expect([path, post.status, post.headers.get('allow')]).toEqual([path, 405, 'GET, HEAD, OPTIONS'])
      const { error, code } = await readJson(post)
      expect(error ?? code).toBe(path.startsWith('/federation/') ? 'invalid_request' : 'method-not-allowed')
    }
  })

  test('is named in the configuration', async () => {
    const text = await (await root.get('/.well-known/openid-federation')).text()
    const verified = await verifyEntityConfiguration(text, federation())
    if (verified.kind === 'rejected') throw new Error(verified.detail)
    expect(verified.claims.metadata.federation_entity).toMatchObject({
      federation_fetch_endpoint: `${root.url}/federation/fetch`,
      federation_list_endpoint: `${root.url}/federation/list`,
      federation_extended_list_endpoint: `${root.url}/federation/extended-list`,
      federation_resolve_endpoint: `${root.url}/federation/resolve`,
      federation_historical_keys_endpoint: `${root.url}/federation/historical-keys`,
    })
  })

  test('signs its historical keys', async () => {
    const text = await (await root.get('/federation/historical-keys')).text()
    expect(await verifyKeyHistory(text, federation())).toMatchObject({ kind: 'verified' })
  })
})

describe('fetch', () => {
  test('answers the statement, whatever unknown parameters come with it', async () => {
    const sub = provider(0).entityId
    const response = await ask('fetch', { sub, iss: root.url, nobody_knows: 'this' })
    const verified = await verifySubordinateStatement(await response.text(), federation())
    expect(verified).toMatchObject({ kind: 'verified', claims: { iss: root.url, sub } })
  })

  test.each<[string, Record<string, string | string[]>, number, string]>([
    ['without a subject', {}, 400, 'invalid_request'],
    ['with an empty one', { sub: '' }, 400, 'invalid_request'],
    ['with two', { sub: ['https://a.example', 'https://b.example'] }, 400, 'invalid_request'],
    ['about nobody it knows', { sub: 'https://nobody.example' }, 404, 'not_found'],
    ['about no address', { sub: '../../etc/passwd' }, 404, 'not_found'],
  ])('refuses a request %s', async (_, query, status, error) => {
    expect(await errorOf(await ask('fetch', query))).toEqual([status, JSON_TYPE, error])
  })

  test('refuses to say of itself what its configuration says', async () => {
    expect(await errorOf(await ask('fetch', { sub: root.url }))).toEqual([400, JSON_TYPE, 'invalid_request'])
  })

  test('a hundred who ask at once for a statement that has aged cost one signature', async () => {
    const sub = provider(1).entityId
    await ask('fetch', { sub })
    ahead += 600
    const statements = new Set<string>()
    const count = await signaturesDuring(async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => ask('fetch', { sub })))
      for (const answer of answers) statements.add(await answer.text())
    })
    expect(count).toBe(1)
    expect(statements.size).toBeLessThanOrEqual(2)
    for (const each of statements) {
      expect(await verifySubordinateStatement(each, federation())).toMatchObject({ kind: 'verified' })
    }
  })

  test('goes on with the statement at hand while the signer fails, and signs anew when it is back', async () => {
    const sub = provider(2).entityId
    const before = await (await ask('fetch', { sub })).text()
    ahead += 600
    const signer = root.root.deps.node.keys.active('federation') as { sign: Signer['sign'] }
    const { sign } = signer
    signer.sign = () => Promise.reject(new Error('the token is locked'))
    try {
      const answer = await ask('fetch', { sub })
      expect([answer.status, await answer.text()]).toEqual([200, before])
    } finally {
      signer.sign = sign
    }
    ahead += 5
    await expect.poll(async () => await (await ask('fetch', { sub })).text()).not.toBe(before)
  })
})

describe('list', () => {
  const all = () => applicants.map(({ entityId }) => entityId)
  test.each<[string, Record<string, string | string[]>, boolean]>([
    ['nothing', {}, true],
    ['the type of providers', { entity_type: 'agent_code_provider' }, true],
    ['that type among others', { entity_type: ['openid_provider', 'agent_code_provider'] }, true],
    ['another type', { entity_type: 'openid_relying_party' }, false],
    ['intermediates', { intermediate: 'true' }, false],
    ['leaves', { intermediate: 'false' }, true],
    ['something nobody knows', { colour: 'blue' }, true],
  ])('filtered by %s, lists what is asked for', async (_, query, isAll) => {
    const response = await ask('list', query)
    expect([response.status, await response.json()]).toEqual([200, isAll ? all() : []])
  })

  test.each<[Record<string, string>, string]>([
    [{ trust_marked: 'true' }, 'unsupported_parameter'],
    [{ trust_mark_type: 'https://marks.example/good' }, 'unsupported_parameter'],
    [{ intermediate: 'perhaps' }, 'invalid_request'],
    [{ entity_type: '' }, 'invalid_request'],
  ])('refuses %j', async (query, error) => {
    expect(await errorOf(await ask('list', query))).toEqual([400, JSON_TYPE, error])
    expect(await errorOf(await ask('extended-list', query))).toEqual([400, JSON_TYPE, error])
  })
})

describe('extended list', () => {
  interface Page {
    readonly immediate_subordinate_entities: readonly (Record<string, unknown> & { id: string })[]
    readonly next_entity_id?: string
  }
  const page = async (query: Record<string, string | string[]>) => {
    const response = await ask('extended-list', query)
    expect(response.status).toBe(200)
    return (await response.json()) as Page
  }

  test('leads through all providers page by page, each once, in the order of codes', async () => {
    const met: string[] = []
    let from: string | undefined
    for (let pages = 0; pages < 10; pages += 1) {
      const here: Page = await page({ limit: '1', ...(from === undefined ? {} : { from_entity_id: from }) })
      met.push(...here.immediate_subordinate_entities.map(({ id }) => id))
      from = here.next_entity_id
      if (from === undefined) break
    }
    expect(met).toEqual(applicants.map(({ entityId }) => entityId))
  })

  test('gives identifiers alone, statements on request, and claims of theirs', async () => {
    const [bare] = (await page({})).immediate_subordinate_entities
    expect(bare).toEqual({ id: provider(0).entityId })
    const claims = ['subordinate_statement', 'jwks', 'trust_marks']
    const [first] = (await page({ claims })).immediate_subordinate_entities
    expect(Object.keys(first ?? {}).toSorted()).toEqual(['id', 'jwks', 'subordinate_statement'])
    const statement = await verifySubordinateStatement(String(first?.['subordinate_statement']), federation())
    expect(statement).toMatchObject({ kind: 'verified', claims: { sub: provider(0).entityId } })
    expect(first?.['jwks']).toEqual({ keys: [provider(0).federation.publicJwk] })
  })

  test('says since when, and lists what was changed between two instants', async () => {
    const [first] = (await page({ audit_timestamps: 'true' })).immediate_subordinate_entities
    const updated = Number(first?.['updated'])
    expect(first).toEqual({ id: provider(0).entityId, registered: expect.any(Number), updated })
    const between = async (query: Record<string, string>) =>
      (await page(query)).immediate_subordinate_entities.map(({ id }) => id)
    const later = String(updated + 86_400)
    expect(await between({ updated_after: later })).toEqual([])
    expect(await between({ updated_before: String(updated - 86_400) })).toEqual([])
    expect(await between({ updated_after: String(updated), updated_before: later })).toContain(
      provider(0).entityId,
    )
    const [told] = (await page({ updated_after: '0' })).immediate_subordinate_entities
    expect(told).toMatchObject({ updated })
    const [untold] = (await page({ updated_after: '0', audit_timestamps: 'false' }))
      .immediate_subordinate_entities
    expect(untold).not.toHaveProperty('updated')
  })

  test.each<[Record<string, string>, string]>([
    [{ from_entity_id: 'https://nobody.example' }, 'entity_id_not_found'],
    [{ limit: '0' }, 'invalid_request'],
    [{ limit: 'many' }, 'invalid_request'],
    [{ updated_after: 'yesterday' }, 'invalid_request'],
    [{ audit_timestamps: '1' }, 'invalid_request'],
  ])('refuses %j', async (query, error) => {
    expect(await errorOf(await ask('extended-list', query))).toEqual([400, JSON_TYPE, error])
  })
})

describe('resolve', () => {
  const resolve = (sub: string, more: Record<string, string | string[]> = {}) =>
    ask('resolve', { sub, trust_anchor: root.url, ...more })

  test("answers a provider's metadata with the root's word in force, the chain, and its earliest end", async () => {
    const text = await (await resolve(provider(0).entityId)).text()
    const verified = await verifyResolveResponse(text, federation())
    if (verified.kind === 'rejected') throw new Error(verified.detail)
    const { metadata, trust_chain: chain, exp, sub } = verified.claims
    expect(sub).toBe(provider(0).entityId)
    expect(metadata['agent_code_provider']).toMatchObject({
      provider_code: 'F1',
      state: 'active',
      issuing_jwks: { keys: [expect.any(Object)] },
    })
    const [leaf, statement, anchor] = chain
    const reads = [
      readEntityConfiguration(leaf ?? ''),
      readSubordinateStatement(statement ?? ''),
      readEntityConfiguration(anchor ?? ''),
    ]
    const ends = reads.map((read) => (read.kind === 'read' ? read.claims.exp : 0))
    expect([chain.length, exp]).toEqual([3, Math.min(...ends)])
  })

  test('answers the types asked for alone, and itself', async () => {
    const typesOf = async (response: Response) => {
      const read = readResolveResponse(await response.text())
      return read.kind === 'read' ? Object.keys(read.claims.metadata).toSorted() : read.detail
    }
    const sub = provider(0).entityId
    expect(await typesOf(await resolve(sub, { entity_type: 'agent_code_provider' }))).toEqual([
      'agent_code_provider',
    ])
    expect(await typesOf(await resolve(sub, { entity_type: 'openid_provider' }))).toEqual([])
    expect(await typesOf(await resolve(root.url))).toEqual(['agent_code_root', 'federation_entity'])
  })

  test.each<[string, Record<string, string>, number, string]>([
    ['without a subject', { trust_anchor: 'https://a.example' }, 400, 'invalid_request'],
    ['without an anchor', { sub: 'https://a.example' }, 400, 'invalid_request'],
    [
      'to an anchor that is not this one',
      { sub: 'https://a.example', trust_anchor: 'https://a.example' },
      404,
      'invalid_trust_anchor',
    ],
  ])('refuses a request %s', async (_, query, status, error) => {
    expect(await errorOf(await ask('resolve', query))).toEqual([status, JSON_TYPE, error])
  })

  test('takes its own among several anchors, and knows nobody else', async () => {
    const anchors = ['https://other.example', root.url]
    expect((await resolve(provider(0).entityId, { trust_anchor: anchors })).status).toBe(200)
    expect(await errorOf(await resolve('https://nobody.example'))).toEqual([404, JSON_TYPE, 'not_found'])
  })

  test('refuses a chain that does not hold, and an entity that does not answer', async () => {
    const [liar, silent] = [provider(3), provider(4)]
    liar.publish({ jwks: { keys: [(await newSigner()).publicJwk] } })
    expect(await errorOf(await resolve(liar.entityId))).toEqual([400, JSON_TYPE, 'invalid_trust_chain'])
    await silent[Symbol.asyncDispose]()
    applicants = applicants.filter((each) => each !== silent)
    expect(await errorOf(await resolve(silent.entityId))).toEqual([503, JSON_TYPE, 'temporarily_unavailable'])
  })
})
