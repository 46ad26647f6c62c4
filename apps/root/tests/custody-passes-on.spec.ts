import { afterAll, beforeAll, expect, test } from 'vitest'

import { custodyOf, custodyScene, seatAt } from './custody-scene.ts'
import {
  appointmentOf,
  assess,
  createProvider,
  jwksOf,
  refusalOf,
  refusalOfProposal,
} from './provider-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, newSigner } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const RETIRE = 'provider:retire'
const MOVE = 'provider:move'

const until = (read: () => Promise<unknown>, expected: unknown) =>
  expect.poll(read, { timeout: 20_000 }).toEqual(expected)

test('custody passes on to another node and another custodian, and nothing else follows but keys', async () => {
  await using set = await custodyScene(root, ['BF', 'BG'])
  const { leaving, custodian, node, ask } = set
  await root.act(RETIRE, ask)
  for (const kind of ['suspend', 'resume'])
    expect(await refusalOfProposal(root, `provider:${kind}`, { provider: 'BF' })).toBe('409 provider-retired')
  expect(await refusalOfProposal(root, RETIRE, { provider: 'BF' })).toBe('409 provider-retired')
  await using heir = await createProvider(root, 'BH')
  await using next = await custodyOf(root, leaving)
  const pass = { provider: 'BF', custodian: 'BH', ...seatAt(next) }
  expect(await refusalOfProposal(root, MOVE, pass)).toBe('422 custodian-unfit')
  expect(await refusalOfProposal(root, MOVE, { ...pass, custodian: 'BF' })).toBe('422 custodian-unfit')
  heir.applicant.publishCustody([leaving.prefix])
  expect(await refusalOfProposal(root, MOVE, { ...pass, ...seatAt(node) })).toBe('409 entity-known')
  const proposal = await root.propose(MOVE, pass)
  heir.applicant.publishCustody([])
  expect(await refusalOf(await root.approve(proposal))).toBe('422 custodian-unfit')
  heir.applicant.publishCustody([leaving.prefix])
  expect((await root.approve(proposal, 'bo', { key: 'again' })).status).toBe(201)
  const who = async () => {
    const { operator, custodian: keeper } = (await appointmentOf(root, leaving)) ?? {}
    return [operator?.entity_id, keeper]
  }
  await until(who, [next.entityId, heir.prefix])
  const { predecessors, state } = (await appointmentOf(root, leaving)) ?? {}
  expect([state, predecessors?.map(({ entity_id: id }) => id)]).toEqual([
    'retired',
    [leaving.applicant.entityId, node.entityId],
  ])
  expect(custodian.code).toBe('BG')
})

test('custody stays where it is when its custodian retires, and goes on only to one who is there', async () => {
  await using set = await custodyScene(root, ['BI', 'BJ'])
  const { leaving, node, ask } = set
  await root.act(RETIRE, ask)
  await root.act(RETIRE, { provider: 'BJ' })
  const operator = async () => (await appointmentOf(root, leaving))?.operator?.entity_id
  expect(await operator()).toBe(node.entityId)
  await using next = await custodyOf(root, leaving)
  const alone = { provider: 'BI', ...seatAt(next) }
  expect(await refusalOfProposal(root, MOVE, alone)).toBe('422 custodian-unfit')
  await using heir = await createProvider(root, 'BK')
  heir.applicant.publishCustody([leaving.prefix])
  await root.act(MOVE, { ...alone, custodian: 'BK' })
  await until(operator, next.entityId)
  // The same custodian moves its node, and is asked again whether it still keeps it.
  await using third = await custodyOf(root, leaving)
  heir.applicant.publishCustody([])
  const again = { provider: 'BI', ...seatAt(third) }
  expect(await refusalOfProposal(root, MOVE, again)).toBe('422 custodian-unfit')
  heir.applicant.publishCustody([leaving.prefix])
  await root.act(MOVE, again)
  await until(operator, third.entityId)
  expect((await appointmentOf(root, leaving))?.custodian).toBe(heir.prefix)
})

test('custody has its keys replaced in an emergency, and every statement from before is refused', async () => {
  await using set = await custodyScene(root, ['BL', 'BM'])
  const { leaving, node, ask } = set
  await root.act(RETIRE, ask)
  const kept = await (
    await root.get(`/federation/fetch?sub=${encodeURIComponent(leaving.applicant.entityId)}`)
  ).text()
  const fresh = await newSigner()
  await root.act('provider:replace-keys', { provider: 'BL', jwks: jwksOf(fresh) })
  const keys = async () => (await appointmentOf(root, leaving))?.operator?.jwks.keys.map(({ kid }) => kid)
  await until(keys, [fresh.kid])
  const old = async () =>
    (
      await assess(root, leaving, (bundle) => {
        const [[, ...rest]] = bundle['chains'] as [string[]]
        return { ...bundle, chains: [[kept, ...rest]] }
      })
    ).verdict
  await until(old, 'chain-invalid')
  expect((await appointmentOf(root, leaving))?.operator?.entity_id).toBe(node.entityId)
})

test('custody is of what a retired provider left, and of nothing else', async () => {
  await using active = await createProvider(root, 'BN')
  await using custodian = await createProvider(root, 'BO')
  custodian.applicant.publishCustody([active.prefix])
  await using node = await createApplicant(root)
  const ask = { provider: 'BN', custodian: 'BO', ...seatAt(node) }
  expect(await refusalOfProposal(root, MOVE, ask)).toBe('409 provider-state')
  await root.act(RETIRE, { provider: 'BN' })
  expect(await refusalOfProposal(root, MOVE, ask)).toBe('409 provider-retired')
  expect((await appointmentOf(root, active))?.operator).toBeUndefined()
})
