import { STATUS } from '@arc3088/records'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { textOf } from './answers.ts'
import { approvedOntology, verifiedRequester, type TestRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let requester: TestRequester
let killAt: string | undefined

beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root, {
    reached(step) {
      if (step !== killAt) return
      killAt = undefined
      throw new Error(`killed at ${step}`)
    },
  })
  await provider.appoint(null)
  requester = await verifiedRequester(provider)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const because = { reason: 'a reason that stays with the desk' }

async function registered(): Promise<string> {
  const ontology = await approvedOntology(provider, requester)
  return textOf(await requester.post(`/v1/ontologies/${ontology}/instances`, {}), 'code')
}

/** All that the acts of one code left behind: steps, changes of its entry, the entry, audit. */
async function traceOf(code: string) {
  const { db } = provider.database
  const [ontology, instance] = code
    .split('.')
    .slice(-2)
    .map((segment) => Number.parseInt(segment, 36))
  const { list, index } = await db
    .selectFrom('assignment_record')
    .select(['status_list as list', 'status_index as index'])
    .where('ontology', '=', ontology ?? 0)
    .where('instance', '=', instance ?? 0)
    .executeTakeFirstOrThrow()
  const steps = await db
    .selectFrom('code_transition')
    .select(['act', 'to_life', 'at'])
    .where('ontology', '=', ontology ?? 0)
    .where('instance', '=', instance ?? 0)
    .orderBy('at')
    .orderBy('id')
    .execute()
  const place = (table: 'status_change' | 'status_entry') =>
    db.selectFrom(table).select(['status', 'changed_at']).where('list', '=', list).where('index', '=', index)
  const changes = await place('status_change').orderBy('id').execute()
  const [entry] = await place('status_entry').execute()
  const audit = await provider.operator('audit').get(`/v1/desk/audit?object=code:${code}`)
  return { steps, changes, entry, audits: (audit.body['items'] as unknown[]).length }
}

test.each([['status:written'], ['life:written']])(
  'an act that is killed at %s leaves neither step nor status, and succeeds when it is done again',
  async (step) => {
    const code = await registered()
    killAt = step
    expect((await requester.post(`/v1/codes/${code}/lock`, because)).status).toBe(500)
    expect(await traceOf(code)).toMatchObject({ steps: [], changes: [], entry: undefined, audits: 0 })
    expect((await requester.post(`/v1/codes/${code}/lock`, because)).status).toBe(200)
    const { steps, changes, entry, audits } = await traceOf(code)
    expect([steps.length, changes.length, entry?.status, audits]).toEqual([1, 1, STATUS.suspended, 1])
  },
)

test('locks and unlocks that race leave one status a step, in one order, and the last one stands', async () => {
  const code = await registered()
  const acts = Array.from({ length: 24 }, (_, nth) => (nth % 2 === 0 ? 'lock' : 'unlock'))
  const answers = await Promise.all(acts.map((act) => requester.post(`/v1/codes/${code}/${act}`, because)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  const { steps, changes, entry, audits } = await traceOf(code)
  expect(changes.length).toBe(steps.length)
  expect(audits).toBe(steps.length)
  const alternating = changes.map((_, nth) => (nth % 2 === 0 ? STATUS.suspended : STATUS.valid))
  expect(changes.map(({ status }) => status)).toEqual(alternating)
  expect(entry?.status).toBe(alternating.at(-1))
  const state = (await requester.post(`/v1/codes/${code}/lock`, because)).body['state']
  expect(state).toBe('locked')
})

test('shows what became of a code and when, to anybody, and not who did it or why', async () => {
  const code = await registered()
  await requester.post(`/v1/codes/${code}/lock`, because)
  await provider.operator('rita').post(`/v1/codes/${code}/retire`, because)
  const history = await provider.anyone.get(`/v1/codes/${code}/history`)
  expect(history.body).toMatchObject({
    code,
    transitions: [
      { nth: 1, status: 'suspended' },
      { nth: 2, status: 'retired' },
    ],
    next: null,
  })
  expect(history.text).not.toContain('reason')
  expect(history.text).not.toContain(requester.id)
})

test('a code that is retired was something else before, and was nothing before it was assigned', async () => {
  const code = await registered()
  const accept = 'application/agent-code-resolution+jwt'
  const claimsAt = async (at: number) => {
    const { text } = await provider.anyone.get(`/v1/codes/${code}?at=${at}`, { accept })
    return JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('utf8')) as object
  }
  await requester.post(`/v1/codes/${code}/retire`, because)
  const now = Math.floor(Date.now() / 1000)
  expect(await claimsAt(now)).toMatchObject({ at: now, result: 'assigned', status: 'retired' })
  expect(await claimsAt(now - 3600)).toMatchObject({ at: now - 3600, result: 'not_assigned' })
  const later = await provider.anyone.get(`/v1/codes/${code}?at=${now + 3600}`)
  expect(later).toMatchObject({ status: 400, body: { code: 'at-in-future' } })
})
