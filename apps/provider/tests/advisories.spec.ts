import { waitFor } from '@arc3088/testkit'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { DESCRIPTION, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let other: TestProvider
const crash = { at: '' }
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root, {
    reached: (step) => {
      if (step !== crash.at) return
      crash.at = ''
      throw new Error(`cut at ${step}`)
    },
  })
  other = await startTestProvider(root)
  await Promise.all([provider.appoint('A'), other.appoint('B')])
}, 120_000)
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

const WARNING = {
  kind: 'warning',
  severity: 'high',
  title: { zh: '组件缺陷', en: 'A defective part' },
  summary: { zh: '请升级', en: 'Upgrade it' },
}

async function publish(change: object = {}): Promise<string> {
  const approval = await root.act('advisory:publish', {
    ...WARNING,
    affected: ['1.2.156.3088.1.A.2.1.0'],
    ...change,
  })
  const { outcome } = JSON.parse(approval.text) as { outcome: { advisory: string } }
  return outcome.advisory
}

interface Item {
  readonly id: string
  readonly version: number
  readonly state: string
  readonly codes: readonly string[]
  readonly asked: string
  readonly acknowledgement: { readonly root: string; readonly reason: string } | null
}

async function listed(at: TestProvider): Promise<Item[]> {
  const answer = await at.operator('rita').get('/v1/desk/advisories')
  return (JSON.parse(answer.text) as { items: Item[] }).items
}

async function arrived(
  at: TestProvider,
  id: string,
  is: (item: Item) => boolean = () => true,
): Promise<Item> {
  let found: Item | undefined
  const look = async () => {
    found = (await listed(at)).find((item) => item.id === id && is(item))
    return found !== undefined
  }
  await waitFor(look, { what: `advisory ${id}` })
  if (found === undefined) throw new Error('it was found')
  return found
}

const uuidOf = (id: string) => id.replace('urn:uuid:', '')
const acknowledge = async (
  at: TestProvider,
  id: string,
  body: object = { version: 1, reason: 'we upgrade' },
) => await at.operator('rita').post(`/v1/desk/advisories/${uuidOf(id)}/acknowledge`, body)

/** Whom the root waits for, as its own desk shows it, by code. */
async function standing(id: string): Promise<Record<string, string>> {
  const answer = await root.get('ann', `/v1/desk/advisories/${uuidOf(id)}`)
  const { providers } = JSON.parse(answer.text) as { providers: { code: string; state: string }[] }
  return Object.fromEntries(providers.map(({ code, state }) => [code, state]))
}

describe('an advisory of the root', () => {
  test('comes to the provider that it concerns, and to no other; its acknowledgement comes to the root', async () => {
    const id = await publish()
    expect(await arrived(provider, id)).toMatchObject({
      version: 1,
      codes: ['1.2.156.3088.1.A.2.1.0'],
      asked: 'acknowledge',
      acknowledgement: null,
    })
    const open = JSON.parse((await provider.anyone.get('/v1/advisories')).text) as { items: Item[] }
    expect(open.items.find((item) => item.id === id)).toMatchObject({
      uri: `${root.url}/v1/advisories/${uuidOf(id)}`,
    })
    expect(await standing(id)).toEqual({ A: 'outstanding' })
    const noted = await acknowledge(provider, id)
    expect([noted.status, JSON.parse(noted.text)]).toMatchObject([
      200,
      { acknowledgement: { reason: 'we upgrade' } },
    ])
    await waitFor(async () => (await standing(id))['A'] === 'acknowledged', {
      what: 'the root knows',
    })
    await arrived(provider, id, ({ acknowledgement }) => acknowledgement?.root === 'taken')
    const own = await publish({ affected: ['1.2.156.3088.1.B'] })
    await arrived(other, own)
    expect((await listed(provider)).some((item) => item.id === own)).toBe(false)
    expect((await listed(other)).some((item) => item.id === id)).toBe(false)
  })

  test('that orders a recall asks the desk to recall, and changes no status by itself', async () => {
    const requester = await verifiedRequester(provider)
    const draft = JSON.parse((await requester.post('/v1/ontologies', { description: DESCRIPTION })).text) as {
      id: string
    }
    await requester.post(`/v1/ontologies/${draft.id}/submit`)
    await provider.operator('rita').post(`/v1/desk/ontologies/${draft.id}/take`)
    const approved = await provider
      .operator('rita')
      .post(`/v1/desk/ontologies/${draft.id}/approve`, { reason: 'reviewed' })
    const { code } = JSON.parse(approved.text) as { code: string }
    const id = await publish({ kind: 'recall-order', affected: [code] })
    expect(await arrived(provider, id)).toMatchObject({ asked: 'recall', codes: [code] })
    const history = await provider.anyone.get(`/v1/codes/${code}/history`)
    expect(history.text).not.toContain('recalled')
  })

  test('is replaced by its next version, which is acknowledged anew; and withdrawn it asks for nothing', async () => {
    const id = await publish()
    await arrived(provider, id)
    await acknowledge(provider, id)
    await root.act('advisory:revise', { advisory: uuidOf(id), ...WARNING, affected: ['1.2.156.3088.1.A'] })
    expect(await arrived(provider, id, ({ version }) => version === 2)).toMatchObject({
      acknowledgement: null,
    })
    const old = await acknowledge(provider, id)
    expect([old.status, old.text]).toEqual([409, expect.stringContaining('advisory-changed')])
    await root.act('advisory:withdraw', { advisory: uuidOf(id) })
    await arrived(provider, id, ({ state, asked }) => state === 'withdrawn' && asked === 'nothing')
    const late = await acknowledge(provider, id, { version: 3, reason: 'too late' })
    expect([late.status, late.text]).toEqual([409, expect.stringContaining('advisory-state')])
  })
})

describe('an acknowledgement', () => {
  test('again is answered as it stands, and many at once are one', async () => {
    const id = await publish()
    await arrived(provider, id)
    const answers = await Promise.all(Array.from({ length: 5 }, () => acknowledge(provider, id)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const rows = await provider.database.db
      .selectFrom('advisory_acknowledgement')
      .select('request_id')
      .where('advisory', '=', uuidOf(id))
      .execute()
    expect(rows).toHaveLength(1)
  })

  test('that the root took, of which the answer was lost, is sent again under its id and taken once', async () => {
    const id = await publish()
    await arrived(provider, id)
    crash.at = 'acknowledgement:sent'
    await acknowledge(provider, id)
    await arrived(provider, id, ({ acknowledgement }) => acknowledgement?.root === 'taken')
    expect(crash.at).toBe('')
    expect(await standing(id)).toEqual({ A: 'acknowledged' })
  })

  test('waits while the root is down, and outlives a restart', async () => {
    const id = await publish()
    await arrived(provider, id)
    await root.stop()
    await acknowledge(provider, id)
    await provider.restart()
    expect(await arrived(provider, id)).toMatchObject({ acknowledgement: { root: 'waiting' } })
    await root.start()
    await waitFor(async () => (await standing(id))['A'] === 'acknowledged', {
      what: 'the root knows',
    })
  })

  test.each([
    ['an unknown advisory', `/v1/desk/advisories/${v7()}/acknowledge`, { version: 1, reason: 'x' }, 404],
    [
      'an unknown member',
      `/v1/desk/advisories/${v7()}/acknowledge`,
      { version: 1, reason: 'x', colour: 'red' },
      400,
    ],
    ['no reason', `/v1/desk/advisories/${v7()}/acknowledge`, { version: 1 }, 400],
  ])('of %s is refused', async (_, path, body, status) => {
    expect((await provider.operator('rita').post(path, body)).status).toBe(status)
  })

  test('is for the desk alone', async () => {
    const path = `/v1/desk/advisories/${v7()}/acknowledge`
    expect((await provider.anyone.post(path, { version: 1, reason: 'x' })).status).toBe(401)
    expect((await provider.operator('audit').post(path, { version: 1, reason: 'x' })).status).toBe(403)
  })
})

describe('the lists of the root', () => {
  test.each(['advisories:fetched', 'advisories:stored'])(
    'that are cut at %s are taken whole another time',
    async (step) => {
      crash.at = step
      const id = await publish()
      await arrived(provider, id)
      expect(crash.at).toBe('')
    },
  )

  test('decide which scenarios ask for evidence at an approval', async () => {
    const { db } = provider.database
    const seq = async () =>
      (await db.selectFrom('root_list').select('seq').where('name', '=', 'scenarios').executeTakeFirst())
        ?.seq ?? 0
    await waitFor(async () => (await seq()) > 0, { what: 'the first table' })
    const before = await seq()
    await root.act('scenarios:set', { tiers: { education: 'sensitive' } })
    await waitFor(async () => (await seq()) > before, { what: 'the next table' })
    const requester = await verifiedRequester(provider)
    const description = { ...DESCRIPTION, scenario: 'education' }
    const draft = JSON.parse((await requester.post('/v1/ontologies', { description })).text) as { id: string }
    await requester.post(`/v1/ontologies/${draft.id}/submit`)
    await provider.operator('rita').post(`/v1/desk/ontologies/${draft.id}/take`)
    const path = `/v1/desk/ontologies/${draft.id}/approve`
    const bare = await provider.operator('rita').post(path, { reason: 'reviewed' })
    expect([bare.status, bare.text]).toEqual([422, expect.stringContaining('item 11')])
    const evidence = [{ digest: `sha-256:${'A'.repeat(43)}`, description: 'certificate 7' }]
    expect((await provider.operator('rita').post(path, { reason: 'reviewed', evidence })).status).toBe(201)
  })

  test('are not taken when they are older than what was taken before', async () => {
    await provider.database.db
      .updateTable('root_list')
      .set(({ eb }) => ({ seq: eb('seq', '+', 100) }))
      .where('name', '=', 'advisories')
      .execute()
    const id = await publish()
    const isSaid = () => provider.logged.some((line) => line.includes('rolled-back'))
    await waitFor(isSaid, { what: 'the log names it' })
    expect((await listed(provider)).some((item) => item.id === id)).toBe(false)
    const back = provider.database.db
      .updateTable('root_list')
      .set({ seq: 1 })
      .where('name', '=', 'advisories')
      .execute()
    await expect(back).rejects.toMatchObject({ constraint: 'root_list_monotonic' })
  })
})
