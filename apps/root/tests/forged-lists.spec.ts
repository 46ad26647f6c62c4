import {
  decisionHash,
  formatDecision,
  jcsDigest,
  signAdvisory,
  signDecision,
  recordHash,
  type Signer,
} from '@arc3088/records'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { readAdvisories, uuidOf, WARNING } from './authority-lists.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, makeProvider, newSigner, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
let applicant: TestApplicant
beforeAll(async () => {
  root = await startTestRoot()
  applicant = await createApplicant(root)
  await makeProvider(root, applicant, 'A')
})
afterAll(async () => {
  await applicant[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

/** The ETags of all that is signed here: they change with the least of what is said. */
async function shown(): Promise<string[]> {
  const paths = ['/v1/advisories', '/v1/certifiers', '/v1/scenarios']
  return await Promise.all(paths.map(async (path) => (await root.get(path)).headers.get('etag') ?? ''))
}
let before: string[] = []
beforeEach(async () => {
  before = await shown()
})

/** Writes an approved proposal with a decision over it, all by SQL as the service itself might, signed by whom one likes. */
async function forge(
  kind: string,
  payload: object,
  signers: readonly Signer[],
): Promise<{ proposal: string }> {
  const { db } = root.database
  const proposal = v7()
  const at = new Date()
  const hash = await jcsDigest({ kind, payload })
  const set = await db.selectFrom('officer_set').selectAll().executeTakeFirstOrThrow()
  await db
    .insertInto('proposal')
    .values({
      id: proposal,
      kind,
      payload: JSON.stringify(payload),
      payload_hash: hash,
      proposer: root.officer('ann').id,
      proposed_at: at,
      expires_at: new Date(at.getTime() + 86_400_000),
      decided_at: at,
      state: 'approved',
      officer_set: set.hash,
      outcome: '{}',
    })
    .execute()
  const claims = {
    iss: root.url,
    proposal,
    kind,
    hash,
    officer_set: set.hash,
    exp: Math.floor(at.getTime() / 1000) + 86_400,
  } as const
  const jws = {
    payload: formatDecision(claims),
    signatures: await Promise.all(signers.map(async (signer) => await signDecision(signer, claims))),
  }
  await db
    .insertInto('decision')
    .values({
      proposal_id: proposal,
      hash: await decisionHash(jws),
      jws: JSON.stringify(jws),
      decided_at: at,
    })
    .execute()
  return { proposal }
}

const said = (id: string) => ({
  advisory: id,
  version: 1,
  ...WARNING,
  affected: ['1.2.156.3088.1.A'],
  references: [],
  state: 'published',
})

/** Two keys that are nobody's, one officer alone, and one officer twice. */
const FORGERS = [
  ['strangers', async () => [await newSigner(), await newSigner()]],
  ['one officer', () => Promise.resolve([root.officerKey('ann')])],
  ['one officer and a stranger', async () => [root.officerKey('ann'), await newSigner()]],
] as const

test.each(FORGERS)(
  'an advisory that %s put into the database is neither listed nor served',
  async (_, signersOf) => {
    const id = `urn:uuid:${v7()}`
    const payload = said(id)
    const { proposal } = await forge('advisory:publish', payload, await signersOf())
    const { db } = root.database
    const decision = await db
      .selectFrom('decision')
      .selectAll()
      .where('proposal_id', '=', proposal)
      .executeTakeFirstOrThrow()
    const { advisory: _id, ...claims } = payload
    const jws = await signAdvisory(await newSigner(), {
      iss: root.url,
      sub: id,
      iat: Math.floor(decision.decided_at.getTime() / 1000),
      ...claims,
      kind: 'warning',
      severity: 'high',
      state: 'published',
      decision: decision.hash,
    })
    await db
      .insertInto('advisory_version')
      .values({
        advisory: uuidOf(id),
        version: 1,
        proposal_id: proposal,
        hash: await recordHash(jws),
        jws,
        issued_at: decision.decided_at,
      })
      .execute()
    expect(await shown()).toEqual(before)
    expect((await root.get(`/v1/advisories/${uuidOf(id)}`)).status).toBe(404)
    expect((await root.get('/v1/advisories?code=1.2.156.3088.1.A')).status).toBe(200)
    const path = `/v1/advisories/${uuidOf(id)}/acknowledgements`
    const response = await applicant.send(path, { version: 1, hash: await recordHash(jws) })
    expect((await readJson(response))['code']).toBe('advisory-not-found')
  },
)

test.each([
  [
    'certifier:register',
    async () => ({
      entity_id: 'https://forged.example',
      name: { zh: '假', en: 'Forged' },
      jwks: { keys: [(await newSigner()).publicJwk] },
      scope: { scenarios: ['finance'], schemes: ['x'] },
      valid_from: 1_790_000_000,
      valid_until: 1_990_000_000,
    }),
  ],
  [
    'scenarios:set',
    async () => {
      const table = await readJson(await root.get('/v1/scenarios', { accept: 'application/json' }))
      const scenarios = table['scenarios'] as { name: string }[]
      return { tiers: Object.fromEntries(scenarios.map(({ name }) => [name, 'ordinary'])) }
    },
  ],
] as const)('rows of %s without enough officers change nothing that is signed', async (kind, payloadOf) => {
  for (const [, signersOf] of FORGERS) await forge(kind, await payloadOf(), await signersOf())
  expect(await shown()).toEqual(before)
  // The same rows under the keys of two officers are a decision: it is the signatures that count.
  await forge(kind, await payloadOf(), [root.officerKey('ann'), root.officerKey('bo')])
  expect(await shown()).not.toEqual(before)
})

test('a text that takes the place of what was decided is neither served nor listed', async () => {
  const proposal = await root.propose('advisory:publish', { ...WARNING, affected: ['1.2.156.3088.1.A'] })
  const uuid = uuidOf(proposal.payload['advisory'])
  const list = await readAdvisories(root)
  await root.database.db
    .insertInto('advisory_version')
    .values({
      advisory: uuid,
      version: 1,
      proposal_id: proposal.id,
      hash: 'A'.repeat(43),
      jws: 'forged',
      issued_at: new Date(),
    })
    .execute()
  expect((await root.get(`/v1/advisories/${uuid}`)).status).toBe(404)
  // The decision fails as a whole: nothing is carried out that cannot be signed.
  expect((await root.approve(proposal)).status).toBe(500)
  expect((await readAdvisories(root)).digest).toBe(list.digest)
})

test('what was written stays: neither advisory nor acknowledgement is changed or removed', async () => {
  const { db } = root.database
  const { advisory } = await root.act('advisory:publish', { ...WARNING, affected: ['1.2.156.3088.1.A'] })
  const update = db
    .updateTable('advisory_version')
    .set({ version: 9 } as never)
    .where('advisory', '=', uuidOf(advisory))
    .execute()
  await expect(update).rejects.toThrow('advisory_version')
  const remove = db.deleteFrom('advisory_version').where('advisory', '=', uuidOf(advisory)).execute()
  await expect(remove).rejects.toThrow('advisory_version')
})
