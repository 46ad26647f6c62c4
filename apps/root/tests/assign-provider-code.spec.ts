import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { verifyEvidence } from '@arc3088/trust'
import { parseRootKeySetJws, MEDIA_TYPE, readAssignmentRecord } from '@arc3088/records'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startTestRoot, type OfficerName, type TestProposal, type TestRoot } from './start-test-root.ts'
import { createApplicant, outcomeOf, proposeFor, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

async function approve(
  proposal: TestProposal,
  options: { key?: string; officer?: OfficerName; hash?: string } = {},
): Promise<Response> {
  const { officer = 'bo', ...rest } = options
  return await root.approve(proposal, officer, rest)
}

describe('the walk from an application to a code', () => {
  test('two officers assign a code, and anybody with the pinned key set can verify it', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'A1')
    const response = await approve(proposal)
    expect(response.status).toBe(201)
    const { code, record } = await outcomeOf(response)
    expect(code).toBe('1.2.156.3088.1.A1')

    const bundle: unknown = await (await root.get(`/v1/codes/${String(code)}`)).json()
    const rootKeys = parseRootKeySetJws(JSON.stringify((JSON.parse(root.keySets) as unknown[])[0]))
    if ('kind' in rootKeys) throw new Error(rootKeys.detail)
    const at = Math.floor(Date.now() / 1000)
    const assessment = await verifyEvidence({ code: String(code), bundle, anchor: { rootKeys }, at })
    expect(assessment.reasons).toEqual([])
    expect(assessment.verdict).toBe('valid')

    const read = readAssignmentRecord(String(record))
    expect(read.kind).toBe('read')
    expect(read.kind === 'read' && read.claims.code_assignment).toMatchObject({
      level: 'provider',
      provider: 'A1',
      entity_id: applicant.entityId,
      organization: { name: '公司A' },
    })
  })

  test('answers a retried approval with the same bytes', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'A2')
    const first = await (await approve(proposal, { key: 'k-A2' })).text()
    const retry = await approve(proposal, { key: 'k-A2' })
    expect(retry.status).toBe(201)
    expect(await retry.text()).toBe(first)
  })

  test('writes a code that the desk chose into the journal before it answers', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'J7')
    expect((await approve(proposal)).status).toBe(201)
    const folder = join(root.keys.directory, 'journal')
    const marks = readdirSync(folder)
      .filter((name) => name.endsWith('.marks.ndjson'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
    expect(marks).toContain(`"t":"chosen","keys":[[${Number.parseInt('J7', 36)},0,0,0]]`)
  })

  test('gives the next code where none is chosen, and never the same twice', async () => {
    await using one = await createApplicant(root)
    await using two = await createApplicant(root)
    const codes = []
    for (const applicant of [one, two]) {
      const response = await approve(await proposeFor(root, applicant, null))
      codes.push((await outcomeOf(response))['code'])
    }
    expect(codes).toEqual(['1.2.156.3088.1.1000', '1.2.156.3088.1.1001'])
  })

  test('serves the statement about a provider, and its record, by the standard media types', async () => {
    await using applicant = await createApplicant(root)
    await approve(await proposeFor(root, applicant, 'A3'))
    const statement = await root.get(`/federation/fetch?sub=${encodeURIComponent(applicant.entityId)}`)
    expect([statement.status, statement.headers.get('content-type')]).toEqual([
      200,
      MEDIA_TYPE.entityStatement,
    ])
    const record = await root.get('/v1/codes/1.2.156.3088.1.a3', { accept: MEDIA_TYPE.assignmentRecord })
    expect([record.status, record.headers.get('content-type')]).toEqual([200, MEDIA_TYPE.assignmentRecord])
    expect(record.headers.get('cache-control')).toBe('public, max-age=3600, immutable')
    const again = await root.get('/v1/codes/1.2.156.3088.1.A3', {
      accept: MEDIA_TYPE.assignmentRecord,
      'if-none-match': record.headers.get('etag') ?? '',
    })
    expect(again.status).toBe(304)
  })
})

describe('dual control', () => {
  test('refuses the proposer as approver, by code and by database', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'B1')
    const response = await approve(proposal, { officer: 'ann' })
    expect((await readJson(response))['code']).toBe('proposer-approves')
    const ann = root.officer('ann').id
    const direct = root.database.db
      .insertInto('proposal_vote')
      .values({
        proposal_id: proposal.id,
        proposer: ann,
        officer: ann,
        vote: 'approve',
        reason: 'by hand',
        voted_at: new Date(),
      })
      .execute()
    await expect(direct).rejects.toMatchObject({ constraint: 'proposal_vote_dual_control' })
  })

  test('refuses a provider row that stands on no vote of another officer', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'B2')
    const direct = root.database.db
      .insertInto('provider')
      .values({
        code: 395,
        entity_id: applicant.entityId,
        application_id: proposal.applicationId,
        proposal_id: proposal.id,
        approver: root.officer('ann').id,
        kind: 'domestic',
        territory: 'CN',
        organization: '{}',
        federation_jwks: '[]',
        statement_status_list: 0,
        statement_status_index: 0,
        assigned_at: new Date(),
      })
      .execute()
    // Refused for its vote, and for its missing record: PostgreSQL names whichever it looks at first.
    await expect(direct).rejects.toThrow(/provider_(vote|record)_fkey/)
  })

  test('binds an approval to the hash of what was proposed', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'B3')
    const response = await approve(proposal, { hash: `sha-256:${'A'.repeat(43)}` })
    expect([response.status, (await readJson(response))['code']]).toEqual([409, 'proposal-changed'])
  })

  test('lets a rejected proposal be made again, and carries nothing out', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'B4')
    const rejected = await root.officer('bo').post(`/v1/desk/proposals/${proposal.id}/reject`, {
      hash: proposal.hash,
      reason: 'evidence is thin',
    })
    expect((await readJson(rejected))['state']).toBe('rejected')
    expect((await approve(proposal)).status).toBe(409)
    const code = await root.get('/v1/codes/1.2.156.3088.1.B4')
    expect([code.status, code.headers.get('content-type')]).toEqual([404, MEDIA_TYPE.resolutionAnswer])
    const again = await root
      .officer('bo')
      .post(`/v1/desk/applications/${proposal.applicationId}/propose-approval`, {
        code: 'B4',
        reason: 'again',
      })
    expect(again.status).toBe(201)
  })
})

describe('the desk at once', () => {
  test('approving, rejecting and proposing about one application never end in a deadlock', async () => {
    for (let round = 0; round < 12; round++) {
      await using applicant = await createApplicant(root)
      const proposal = await proposeFor(root, applicant, `D${round.toString(36).toUpperCase()}`)
      const again = () =>
        root.officer('ann').post(`/v1/desk/applications/${proposal.applicationId}/propose-approval`, {
          code: null,
          reason: 'again',
        })
      const answers = await Promise.all([approve(proposal), again(), again(), again()])
      expect(answers[0]?.status).toBe(201)
      expect(answers.slice(1).map((answer) => answer.status)).toEqual([409, 409, 409])
    }
  })

  test('the database keeps what was decided, leased and assigned, whoever writes', async () => {
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'E1')
    await approve(proposal)
    const { db } = root.database
    const row = await db
      .selectFrom('provider')
      .selectAll()
      .where('entity_id', '=', applicant.entityId)
      .executeTakeFirstOrThrow()
    const twice = db
      .insertInto('provider')
      .values({
        code: 599,
        entity_id: 'https://forged.example',
        application_id: row.application_id,
        proposal_id: row.proposal_id,
        approver: row.approver,
        kind: row.kind,
        territory: row.territory,
        organization: JSON.stringify(row.organization),
        federation_jwks: JSON.stringify(row.federation_jwks),
        statement_status_list: 0,
        statement_status_index: 1,
        assigned_at: row.assigned_at,
      })
      .execute()
    await expect(twice).rejects.toMatchObject({ code: '23505' })
    const undecided = db.updateTable('proposal').set({ state: 'pending', decided_at: null }).execute()
    await expect(undecided).rejects.toMatchObject({ constraint: 'append_only' })
    const unleased = db.updateTable('status_list').set({ leased: 0 }).execute()
    await expect(unleased).rejects.toMatchObject({ constraint: 'leases_only_grow' })
  })
})

describe('a contested code', () => {
  test('64 proposals for one code: one is pending, and raced approvals assign it once', async () => {
    const applicants: TestApplicant[] = []
    for (let nth = 0; nth < 64; nth++) applicants.push(await createApplicant(root))
    const taken = await Promise.all(
      applicants.map(async (applicant) => {
        const { id } = await readJson(await applicant.apply())
        await root.officer('clerk').post(`/v1/desk/applications/${String(id)}/take`, {})
        return String(id)
      }),
    )
    const proposals = await Promise.all(
      taken.map((id) =>
        root
          .officer('ann')
          .post(`/v1/desk/applications/${id}/propose-approval`, { code: '7QX', reason: 'race' }),
      ),
    )
    const statuses = proposals.map((response) => response.status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([201, ...Array<number>(63).fill(409)])
    const won = await readJson(proposals.find((response) => response.status === 201) ?? Response.json({}))
    const lost = await readJson(proposals.find((response) => response.status === 409) ?? Response.json({}))
    expect(lost['code']).toBe('proposal-pending')

    const proposal = shownOf(won)
    await root.sign(proposal)
    const votes = await Promise.all(
      Array.from({ length: 16 }, (_, nth) => approve(proposal, { key: `race-${nth}` })),
    )
    const outcomes = await Promise.all(votes.map(readJson))
    const carriedOut = outcomes.filter((outcome) => outcome['outcome'] !== undefined)
    expect(carriedOut).toMatchObject([{ outcome: { code: '1.2.156.3088.1.7QX' } }])
    const others = outcomes.filter((outcome) => outcome['outcome'] === undefined)
    expect(new Set(others.map((outcome) => outcome['code']))).toEqual(new Set(['proposal-decided']))

    // The code is gone for ever: a later proposal can be made, and can never be carried out.
    const second = await root
      .officer('ann')
      .post(
        `/v1/desk/applications/${taken.find((id) => !JSON.stringify(won).includes(id)) ?? ''}/propose-approval`,
        {
          code: '7QX',
          reason: 'once more',
        },
      )
    const late = shownOf(await readJson(second))
    await root.sign(late)
    const refused = await approve(late)
    expect([refused.status, (await readJson(refused))['code']]).toEqual([409, 'code-taken'])
    const { count } = await root.database.db
      .selectFrom('provider')
      .select((query) => query.fn.countAll().as('count'))
      .where('code', '=', 7 * 1296 + 26 * 36 + 33)
      .executeTakeFirstOrThrow()
    expect(Number(count)).toBe(1)
    for (const applicant of applicants) await applicant[Symbol.asyncDispose]()
  })
})

function shownOf(answer: Record<string, unknown>): TestProposal {
  return answer as unknown as TestProposal
}
