import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  answerOf,
  apply,
  complete,
  DOSSIER,
  giveBack,
  INSTITUTE_X,
  SECRETS,
  stateOf,
  status,
  take,
} from './applicant-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const [EVIDENCE] = DOSSIER.evidence
const [IDENTIFIER] = DOSSIER.identifiers

/** What no application may say: each member, and the words that the refusal must name it by. */
const MALFORMED: [string, Record<string, unknown>, string][] = [
  ['an organisation without a name', { organization: { country: 'FR' } }, 'body.organization.name'],
  ['an empty name', { organization: { name: '', country: 'FR' } }, 'body.organization.name'],
  ['a name of two lines', { organization: { name: 'a\nb', country: 'FR' } }, 'body.organization.name'],
  [
    'a name that turns its reading round',
    { organization: { name: 'a\u202Eb', country: 'FR' } },
    'body.organization.name',
  ],
  ['a country by name', { organization: { name: 'a', country: 'France' } }, 'body.organization.country'],
  ['more of an organisation', { organization: { ...INSTITUTE_X, colour: 'blue' } }, 'body.organization'],
  ['a contact of two letters', { contact: 'ab' }, 'body.contact'],
  ['a contact without end', { contact: 'a'.repeat(321) }, 'body.contact'],
  ['an identifier without a scheme', { identifiers: [{ value: '1' }] }, 'body.identifiers.0.scheme'],
  [
    'an identifier without a value',
    { identifiers: [{ scheme: 'uscc', value: '' }] },
    'body.identifiers.0.value',
  ],
  ['17 identifiers', { identifiers: Array.from({ length: 17 }, () => IDENTIFIER) }, 'body.identifiers'],
  ['a representative without a name', { legal_representative: {} }, 'body.legal_representative.name'],
  ['evidence of an unknown kind', { evidence: [{ ...EVIDENCE, kind: 'rumour' }] }, 'body.evidence.0.kind'],
  ['evidence without a digest', { evidence: [{ ...EVIDENCE, digest: null }] }, 'body.evidence.0.digest'],
  [
    'a digest in hexadecimal',
    { evidence: [{ ...EVIDENCE, digest: `sha-256:${'a'.repeat(64)}` }] },
    'body.evidence.0.digest',
  ],
  [
    'a digest of another kind',
    { evidence: [{ ...EVIDENCE, digest: `sha-512:${'A'.repeat(43)}` }] },
    'body.evidence.0.digest',
  ],
  ['evidence over http', { evidence: [{ ...EVIDENCE, uri: 'http://a.example/e' }] }, 'body.evidence.0.uri'],
  [
    'evidence with a password',
    { evidence: [{ ...EVIDENCE, uri: 'https://u:p@a.example/e' }] },
    'body.evidence.0.uri',
  ],
  [
    'evidence in a script',
    { evidence: [{ ...EVIDENCE, uri: 'javascript:alert(1)' }] },
    'body.evidence.0.uri',
  ],
  ['evidence without a title', { evidence: [{ ...EVIDENCE, title: '' }] }, 'body.evidence.0.title'],
  ['33 pieces of evidence', { evidence: Array.from({ length: 33 }, () => EVIDENCE) }, 'body.evidence'],
  ['purposes without end', { purposes: 'a'.repeat(4001) }, 'body.purposes'],
  ['a scenario twice', { scenarios: ['education', 'education'] }, 'body.scenarios'],
  ['a scenario in capitals', { scenarios: ['Education'] }, 'body.scenarios.0'],
  [
    '20 scenarios',
    { scenarios: Array.from({ length: 20 }, (_, nth) => `s-${'abcdefghijklmnopqrst'[nth]}`) },
    'body.scenarios',
  ],
  ['a numbering plan without words', { numbering_plan: {} }, 'body.numbering_plan.summary'],
  [
    'a numbering plan over ftp',
    { numbering_plan: { summary: 's', uri: 'ftp://a.example' } },
    'body.numbering_plan.uri',
  ],
  ['keys with something beside them', { jwks: { keys: [], more: 1 } }, 'body.jwks'],
  ['a wish that is a number', { wished_code: 7 }, 'body.wished_code'],
  ['a member nobody knows', { colour: 'blue' }, 'body.'],
]

describe('an application that says', () => {
  test.each(MALFORMED)('%s is refused, and the refusal says where', async (_, body, where) => {
    await using applicant = await createApplicant(root)
    const refused = await applicant.apply({ body })
    const problem = await readJson(refused)
    expect([refused.status, problem['code']]).toEqual([400, 'request-invalid'])
    expect(problem['detail']).toContain(where)
  })

  test('a code that its clause does not allow is refused with the clause', async () => {
    await using applicant = await createApplicant(root)
    const refused = await readJson(await applicant.apply({ body: { wished_code: '0A' } }))
    expect(refused).toMatchObject({ code: 'code-malformed', clause: '5.4' })
  })

  test('as much as it may is taken whole', async () => {
    await using applicant = await createApplicant(root, INSTITUTE_X)
    const most = {
      ...DOSSIER,
      identifiers: Array.from({ length: 16 }, () => IDENTIFIER),
      evidence: Array.from({ length: 32 }, () => EVIDENCE),
      purposes: '目'.repeat(4000),
    }
    const id = await apply(applicant, { body: most })
    expect(await readJson(await status(applicant, id))).toMatchObject(most)
  })
})

describe('a completion that says', () => {
  let applicant: TestApplicant
  let id: string
  beforeAll(async () => {
    applicant = await createApplicant(root)
    id = await apply(applicant)
    await take(root, id)
    await giveBack(root, id)
  })
  afterAll(async () => await applicant[Symbol.asyncDispose]())

  const MORE: typeof MALFORMED = [
    ['no revision', { revision: null }, 'body.revision'],
    ['revision 0', { revision: 0 }, 'body.revision'],
    ['half a revision', { revision: 1.5 }, 'body.revision'],
  ]
  test.each([...MALFORMED, ...MORE])('%s is refused, and the refusal says where', async (_, body, where) => {
    const refused = await complete(applicant, id, 1, { body })
    const problem = await readJson(refused)
    expect([refused.status, problem['code']]).toEqual([400, 'request-invalid'])
    expect(problem['detail']).toContain(where)
    expect(await stateOf(root, id)).toBe('returned')
  })
})

describe('what only the desk and the applicant may see', () => {
  test('stands in no answer to anybody else, no payload of a decision, no record, log line or trail', async () => {
    await using institute = await createApplicant(root, INSTITUTE_X)
    const id = await apply(institute, { body: DOSSIER })
    await take(root, id)
    await giveBack(root, id)
    expect(
      await answerOf(await complete(institute, id, 1, { body: { organization: INSTITUTE_X, ...DOSSIER } })),
    ).toEqual([201, 'under-review'])
    const proposal = await root.propose('provider:assign', { application_id: id, code: 'P7' })
    const approved = await root.approve(proposal)
    expect(approved.status).toBe(201)
    await using other = await createApplicant(root, INSTITUTE_X)
    const rejected = await apply(other, { body: DOSSIER })
    const rejection = await root.propose('application:reject', {
      application_id: rejected,
      reasons: [{ ground: 'other', text: 'no' }],
    })
    expect((await root.approve(rejection)).status).toBe(201)

    const decisions = await root.database.db.selectFrom('decision').select(['hash', 'jws']).execute()
    expect(decisions.length).toBe(2)
    const open = [
      `/v1/provider-applications/${id}`,
      `/v1/provider-applications/${rejected}`,
      '/v1/providers',
      '/v1/codes/1.2.156.3088.1.P7',
      `/federation/fetch?sub=${encodeURIComponent(institute.entityId)}`,
      ...decisions.map(({ hash }) => `/v1/decisions/${hash}`),
    ]
    const answers = await Promise.all(open.map(async (path) => await (await root.get(path)).text()))
    const audit = await (await root.officer('auditor').get('/v1/desk/audit?limit=1000')).text()
    const seen = [
      ...answers,
      audit,
      await approved.text(),
      JSON.stringify([proposal, rejection]),
      ...root.logged,
    ]
    const unsealed = seen.map(withPayloads).join('\n')
    for (const secret of Object.values(SECRETS)) expect(unsealed).not.toContain(secret)
    // The desk does see it.
    const file = await (await root.officer('auditor').get(`/v1/desk/applications/${id}`)).text()
    for (const secret of Object.values(SECRETS)) expect(file).toContain(secret)
  })

  test.each(['administrator'] as const)('is not for an %s', async (role) => {
    await using institute = await createApplicant(root, INSTITUTE_X)
    const id = await apply(institute, { body: DOSSIER })
    const refused = await root.officer(role).get(`/v1/desk/applications/${id}`)
    expect([refused.status, (await refused.text()).includes(SECRETS.contact)]).toEqual([403, false])
  })
})

/** A text, and what every base64url part of it decodes to. */
function withPayloads(text: string): string {
  const parts = text.match(/[A-Za-z0-9_-]{40,}/g) ?? []
  return [text, ...parts.map((part) => Buffer.from(part, 'base64url').toString('utf8'))].join('\n')
}

describe('the desk', () => {
  test('lists applications by state, kind, country, entity and who took them, a page at a time', async () => {
    await using one = await createApplicant(root, INSTITUTE_X)
    await using two = await createApplicant(root, { name: '公司', country: 'CN' })
    const [first, second] = [await apply(one), await apply(two)]
    await take(root, second, 'ann')
    const list = async (query: string) => {
      const page = await readJson(await root.officer('auditor').get(`/v1/desk/applications?${query}`))
      return (page['items'] as { id: string }[]).map((item) => item.id)
    }
    const entity = (applicant: TestApplicant) => `entity_id=${encodeURIComponent(applicant.entityId)}`
    expect(await list(entity(one))).toEqual([first])
    expect(await list(`${entity(one)}&kind=overseas&country=FR&state=applied`)).toEqual([first])
    for (const other of ['kind=domestic', 'country=DE', 'state=under-review'])
      expect(await list(`${entity(one)}&${other}`)).toEqual([])
    expect(await list(`${entity(two)}&taken_by=${root.officer('ann').id}`)).toEqual([second])
    expect(await list(`${entity(two)}&taken_by=${root.officer('bo').id}`)).toEqual([])
    expect((await list('limit=1'))[0]).toBe(second)
    expect((await list(`limit=1&before=${second}`))[0]).toBe(first)
  })

  test.each([
    'state=lost',
    'kind=lunar',
    'country=fr',
    'taken_by=ann',
    'entity_id=a',
    'limit=0',
    'colour=blue',
  ])('refuses a list by %s', async (query) => {
    const refused = await root.officer('clerk').get(`/v1/desk/applications?${query}`)
    expect(await answerOf(refused)).toEqual([400, 'request-invalid'])
  })
})
