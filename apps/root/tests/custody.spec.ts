import { ownLogMetadata } from '@arc3088/issuer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { askOf, custodyOf, custodyScene, seatAt } from './custody-scene.ts'
import {
  appointmentOf,
  assess,
  createProvider,
  jwksOf,
  refusalOf,
  refusalOfProposal,
  statementAbout,
} from './provider-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { newSigner, readJson } from './test-applicant.ts'

let root: TestRoot
beforeAll(async () => {
  root = await startTestRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
})

const RETIRE = 'provider:retire'

const until = (read: () => Promise<unknown>, expected: unknown) =>
  expect.poll(read, { timeout: 20_000 }).toEqual(expected)

describe('a provider that is retired to a custodian', () => {
  test('is served by the node that the decision names, with its log, its term and who keeps it', async () => {
    await using set = await custodyScene(root, ['B1', 'B2'])
    const { leaving, custodian, node, ask } = set
    const outcome = await root.act(RETIRE, ask)
    expect(outcome).toMatchObject({ code: 'B1', state: 'retired', entity_id: node.entityId })
    const operator = async () => (await appointmentOf(root, leaving))?.operator?.entity_id
    await until(operator, node.entityId)
    const appointment = await appointmentOf(root, leaving)
    expect(appointment).toMatchObject({
      state: 'retired',
      custodian: custodian.prefix,
      operator: { jwks: { keys: [{ kid: node.federation.kid }] } },
      tlog: { origin: leaving.applicant.log.origin, vkeys: leaving.applicant.log.vkeys },
      states: [
        { state: 'active', since: expect.any(Number) },
        { state: 'retired', since: expect.any(Number) },
      ],
    })
    expect(appointment?.tlog?.url.startsWith(node.entityId)).toBe(true)
    expect(appointment?.predecessors).toEqual([
      {
        entity_id: leaving.applicant.entityId,
        jwks_thumbprints: [leaving.applicant.federation.kid],
        from: expect.any(Number),
        until: appointment?.states?.at(-1)?.since,
      },
    ])
    await until(async () => (await assess(root, leaving)).verdict, 'provider-retired')
    const shown = await readJson(await root.get('/v1/providers/B1'))
    expect(shown).toMatchObject({
      state: 'retired',
      custodian: 'B2',
      entity_id: node.entityId,
      founded_as: leaving.applicant.entityId,
    })
    // Asked about by its own name, the node is the provider.
    const own = (await statementAbout(root, node.entityId))?.metadata.agent_code_provider
    expect(own).toMatchObject({ provider_code: 'B1', state: 'retired', custodian: custodian.prefix })
    // The custodian itself is as it was, and the entity before has nothing to say any more.
    expect((await appointmentOf(root, custodian))?.state).toBe('active')
    expect(await refusalOf(await leaving.applicant.sendLog('B1'))).toBe('401 request-signature-invalid')
  })

  test('may be served with the keys that were handed over', async () => {
    await using leaving = await createProvider(root, 'B3')
    await using custodian = await createProvider(root, 'B4')
    custodian.applicant.publishCustody([leaving.prefix])
    await using node = await custodyOf(root, leaving, leaving.applicant.federation)
    await root.act(RETIRE, askOf(leaving, custodian, node))
    const keys = async () => (await appointmentOf(root, leaving))?.operator?.jwks.keys.map(({ kid }) => kid)
    await expect.poll(keys, { timeout: 20_000 }).toEqual([leaving.applicant.federation.kid])
  })

  test('is left to nobody who is unfit, silent or somebody else', async () => {
    await using set = await custodyScene(root, ['B5', 'B6'])
    const { leaving, custodian, node, ask } = set
    await using other = await createProvider(root, 'B7')
    const refusal = async (change: object) => await refusalOfProposal(root, RETIRE, { ...ask, ...change })
    expect(await refusal({ custodian: 'B5' })).toBe('422 custodian-unfit')
    expect(await refusal({ custodian: 'ZZZ' })).toBe('422 custodian-unfit')
    expect(await refusal({ custodian: 'B7' })).toBe('422 custodian-unfit')
    expect(await refusal({ provider: 'ZZZ' })).toBe('404 entity-unknown')
    // Both or none: a custodian without a node serves nothing, and a node is somebody's.
    expect(await refusalOfProposal(root, RETIRE, { provider: 'B5', custodian: 'B6' })).toBe(
      '400 request-invalid',
    )
    expect(await refusal({ custodian: null })).toBe('400 request-invalid')
    expect(await refusal({ more: 1 })).toBe('400 request-invalid')
    // The node must show exactly these keys, the same log, and be nobody yet.
    expect(await refusal({ jwks: jwksOf(await newSigner()) })).toBe('422 entity-unverified')
    expect(await refusal({ jwks: jwksOf(node.federation, await newSigner()) })).toBe('422 entity-unverified')
    expect(await refusal(seatAt(leaving.applicant))).toBe('409 entity-known')
    expect(await refusal(seatAt(other.applicant))).toBe('409 entity-known')
    expect(await refusal({ entity_id: root.url })).toBe('409 entity-known')
    await using borrowed = await custodyOf(root, leaving, custodian.applicant.federation)
    expect(await refusal(seatAt(borrowed))).toBe('409 key-two-purposes')
    node.publishLog(undefined)
    expect(await refusal({})).toBe('422 log-not-own')
    node.publishLog(node.log)
    expect(await refusal({})).toBe('422 log-not-own')
    const { log, logKey } = leaving.applicant
    node.publishLog({ ...log, vkeys: [...log.vkeys] })
    expect(await refusal({})).toBe('422 log-not-own')
    node.publishLog(ownLogMetadata(leaving.applicant.entityId, [logKey.publicJwk], node.entityId))
    await root.act('provider:suspend', { provider: 'B6' })
    expect(await refusal({})).toBe('422 custodian-unfit')
    await root.act('provider:resume', { provider: 'B6' })
    expect((await appointmentOf(root, leaving))?.state).toBe('active')
    expect((await root.propose(RETIRE, ask)).id).toBeDefined()
  })

  test('is asked about again when it is decided, and stays what it was where the answer is another', async () => {
    await using set = await custodyScene(root, ['B8', 'B9'])
    const { leaving, custodian, node, ask } = set
    const proposal = await root.propose(RETIRE, ask)
    custodian.applicant.publishCustody([])
    expect(await refusalOf(await root.approve(proposal))).toBe('422 custodian-unfit')
    custodian.applicant.publishCustody([leaving.prefix])
    node.publishLog(node.log)
    expect(await refusalOf(await root.approve(proposal))).toBe('422 log-not-own')
    node.publishLog(
      ownLogMetadata(leaving.applicant.entityId, [leaving.applicant.logKey.publicJwk], node.entityId),
    )
    node.publish({ authority_hints: ['https://elsewhere.example'] })
    expect(await refusalOf(await root.approve(proposal))).toBe('422 entity-unverified')
    node.publish({})
    expect(await appointmentOf(root, leaving)).toMatchObject({ state: 'active' })
    expect((await root.approve(proposal, 'bo', { key: 'again' })).status).toBe(201)
    // The same approval again is answered whoever is there to be asked.
    node.publish({ authority_hints: ['https://elsewhere.example'] })
    expect((await root.approve(proposal, 'bo', { key: 'again' })).status).toBe(201)
  })

  test('a desk goes on with other things while an address is slow to answer', async () => {
    await using set = await custodyScene(root, ['BA', 'BB'])
    const { leaving, node, ask } = set
    await using other = await createProvider(root, 'BC')
    const slow = Promise.withResolvers<void>()
    const asked = node.holdBack(slow.promise)
    const proposing = root.propose(RETIRE, ask)
    await asked
    await root.act('provider:suspend', { provider: other.code })
    expect((await appointmentOf(root, leaving))?.state).toBe('active')
    slow.resolve()
    const proposal = await proposing
    expect((await root.approve(proposal)).status).toBe(201)
  })

  test('and two nodes that would take over at once: one of them does', async () => {
    await using set = await custodyScene(root, ['BD', 'BE'])
    const { leaving, custodian, ask } = set
    await using second = await custodyOf(root, leaving)
    const wanted = [ask, askOf(leaving, custodian, second), { provider: 'BD' }]
    const answers = await Promise.all(
      wanted.map((each) =>
        root.officer('ann').post('/v1/desk/proposals', { kind: RETIRE, ask: each, reason: 'raced' }),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
  })
})
