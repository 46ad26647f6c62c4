import { isDeepStrictEqual } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { appointmentOf, createProvider, jwksOf, type TestProvider } from './provider-acts.ts'
import { startTestRoot, type TestProposal, type TestRoot } from './start-test-root.ts'
import { createApplicant, newSigner, readJson, type TestApplicant } from './test-applicant.ts'

let root: TestRoot
let killAt: string | undefined
beforeAll(async () => {
  root = await startTestRoot({
    reached(step) {
      if (step !== killAt) return
      killAt = undefined
      throw new Error(`killed at ${step}`)
    },
  })
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

interface Scene {
  readonly provider: TestProvider
  readonly other: TestProvider
  readonly elsewhere: TestApplicant
  readonly next: TestApplicant
}

function seatAt({ entityId, federation }: TestApplicant) {
  return { entity_id: entityId, jwks: jwksOf(federation) }
}

/** What brings a provider to where the act may follow, and what the act is asked for with. */
interface ActCase {
  /** The act, where it is not the name of the case. */
  readonly kind?: string
  readonly before?: string
  prepare?(scene: Scene): Promise<void>
  ask(scene: Scene): Promise<object>
}
const ACTS: Record<string, ActCase> = {
  suspend: { ask: async () => ({}) },
  resume: { before: 'provider:suspend', ask: async () => ({}) },
  retire: {
    ask: async ({ provider, other, elsewhere }) => {
      other.applicant.publishCustody([provider.prefix])
      return { custodian: other.code, ...seatAt(elsewhere) }
    },
  },
  'pass custody on': {
    kind: 'move',
    async prepare({ provider, other, elsewhere }) {
      other.applicant.publishCustody([provider.prefix])
      const ask = { provider: provider.code, custodian: other.code, ...seatAt(elsewhere) }
      await root.act('provider:retire', ask)
    },
    ask: async ({ next }) => seatAt(next),
  },
  'replace-keys': { ask: async () => ({ jwks: jwksOf(await newSigner()) }) },
  move: {
    ask: async ({ elsewhere }) => seatAt(elsewhere),
  },
}
const STATE_AFTER: Record<string, string> = {
  suspend: 'suspended',
  retire: 'retired',
  'pass custody on': 'retired',
}
const STEPS = [
  ['approval:decided', 'lost'],
  ['provider:entered', 'lost'],
  ['provider:written', 'lost'],
  ['approval:committed', 'kept'],
  ['approval:acknowledged', 'kept'],
] as const
const CASES = Object.keys(ACTS).flatMap((act) => STEPS.map(([step, fate]) => ({ act, step, fate })))

/** Everything that an act writes about a provider, but for what names an instant. */
async function written(code: number): Promise<unknown> {
  const { db } = root.database
  const provider = await db
    .selectFrom('provider')
    .select(['state', 'federation_jwks'])
    .where('code', '=', code)
    .executeTakeFirst()
  const entries = await db
    .selectFrom('provider_entry')
    .select(['seq', 'statement_status_index'])
    .where('provider', '=', code)
    .orderBy('seq')
    .execute()
  const entities = await db.selectFrom('provider_entity').selectAll().where('provider', '=', code).execute()
  const statuses = await db.selectFrom('status_change').select('id').execute()
  return { provider, entries, entities: entities.length, statuses: statuses.length }
}

let made = 0
test.each(CASES)(
  '$act killed at $step is wholly $fate, and the same approval again succeeds',
  async (killed) => {
    const { act, step, fate } = killed
    const code = `C${(made++).toString(36).toUpperCase()}`
    await using provider = await createProvider(root, code)
    await using other = await createProvider(root, `X${code}`)
    await using elsewhere = await createApplicant(root)
    await using next = await createApplicant(root)
    const scene = { provider, other, elsewhere, next }
    const { kind = act, before, prepare, ask } = ACTS[act] ?? { ask: async () => ({}) }
    if (before !== undefined) await root.act(before, { provider: code })
    await prepare?.(scene)
    const wanted = { provider: code, ...(await ask(scene)) }
    const proposal = await root.propose(`provider:${kind}`, wanted)
    const number = Number.parseInt(code, 36)
    const untouched = await written(number)
    killAt = step
    expect((await root.approve(proposal)).status).toBe(500)
    const left = await written(number)
    expect(isDeepStrictEqual(left, untouched)).toBe(fate === 'lost')
    const again = await root.approve(proposal)
    expect(again.status).toBe(201)
    const done = await written(number)
    expect(isDeepStrictEqual(done, left)).toBe(fate === 'kept')
    const first = await readJson(again)
    const replayed = await root.approve(proposal)
    expect([replayed.status, await readJson(replayed)]).toEqual([201, first])
    expect(await written(number)).toEqual(done)
    expect(await readJson(await root.get(`/v1/providers/${code}`))).toMatchObject({
      state: STATE_AFTER[act] ?? 'active',
    })
  },
)

describe('acts at once', () => {
  test('about one provider: one proposal is pending, whichever of them comes first', async () => {
    await using provider = await createProvider(root, 'RA')
    const asks: [string, object][] = [
      ['provider:suspend', { provider: 'RA' }],
      ['provider:retire', { provider: 'ra' }],
      ['provider:replace-keys', { provider: 'RA', jwks: jwksOf(await newSigner()) }],
    ]
    const propose = async ([kind, ask]: [string, object]) =>
      await root.officer('ann').post('/v1/desk/proposals', { kind, ask, reason: 'raced' })
    const answers = await Promise.all([...asks, ...asks, ...asks].map(propose))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 409, 409, 409, 409, 409, 409, 409, 409,
    ])
    expect((await appointmentOf(root, provider))?.state).toBe('active')
  })

  test('approved by two officers at once, eight times each, an act happens once', async () => {
    await using provider = await createProvider(root, 'RB')
    const proposal: TestProposal = await root.propose('provider:retire', { provider: 'RB' })
    const approve = async (nth: number) =>
      (await root.approve(proposal, nth % 2 === 0 ? 'bo' : 'cy', { key: nth % 2 === 0 ? 'b' : 'c' })).status
    const statuses = await Promise.all(Array.from({ length: 16 }, (_, nth) => approve(nth)))
    expect(new Set(statuses)).toEqual(new Set([201, 409]))
    const { items } = await readJson(await root.get('/v1/providers/RB/history'))
    expect((items as { act: string }[]).map(({ act }) => act)).toEqual(['assign', 'retire'])
    expect(provider.code).toBe('RB')
  })

  test('of the desk and of the provider itself follow on each other in one life', async () => {
    await using provider = await createProvider(root, 'RC')
    const proposal = await root.propose('provider:suspend', { provider: 'RC' })
    const [approval, ...named] = await Promise.all([
      root.approve(proposal),
      ...Array.from({ length: 4 }, () => provider.applicant.sendLog('RC')),
    ])
    expect([approval.status, ...named.map(({ status }) => status)]).toEqual([201, 200, 200, 200, 200])
    const { items } = await readJson(await root.get('/v1/providers/RC/history'))
    const steps = items as { seq: number; act: string }[]
    expect(steps.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(steps.map(({ act }) => act).toSorted()).toEqual(['assign', 'log', 'suspend'])
  })
})
