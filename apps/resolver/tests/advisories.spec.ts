import { afterAll, beforeAll, expect, test } from 'vitest'

import { ANNEX_C, appointProvider, awaitProofs, registerAnnexC } from './annex-c.ts'
import { ask, decide, startProvider, startRoot, type RunningRoot } from './running-nodes.ts'
import { startTestResolver, type TestResolver } from './running-resolver.ts'

const resources = new AsyncDisposableStack()
let root: RunningRoot
let resolver: TestResolver

beforeAll(async () => {
  root = resources.use(await startRoot())
  const provider = resources.use(await startProvider(root))
  await appointProvider(root, provider)
  await registerAnnexC(provider)
  await awaitProofs(root)
  resolver = resources.use(await startTestResolver(root.anchor))
}, 120_000)

afterAll(async () => {
  await resources.disposeAsync()
})

async function act(kind: string, said: object): Promise<Record<string, unknown>> {
  const [ann = ''] = root.tokens
  const body = { kind, ask: said, reason: 'as was asked' }
  return await decide(root, await ask(`${root.url}/v1/desk/proposals`, { token: ann, body }))
}

test('an answer names the advisories that touch the code, once the list before is over', async () => {
  expect(await resolver.resolve(ANNEX_C.instance)).toMatchObject({
    verdict: 'valid',
    notes: [],
    advisories: [],
  })
  const title = { zh: '组件缺陷', en: 'A defective part' }
  const { advisory, uri } = await act('advisory:publish', {
    kind: 'warning',
    severity: 'critical',
    title,
    summary: { zh: '请升级', en: 'Upgrade it' },
    affected: [ANNEX_C.ontology],
  })
  // A warning changes no verdict.
  resolver.advanceSeconds(61)
  const notice = { id: advisory, kind: 'warning', severity: 'critical', title, uri }
  for (const code of [ANNEX_C.instance, ANNEX_C.ontology])
    expect(await resolver.resolve(code, '?detail=verdict')).toMatchObject({
      verdict: 'valid',
      advisories: [notice],
    })
  expect(await resolver.resolve(ANNEX_C.requester)).toMatchObject({ advisories: [] })
  expect((await fetch(String(uri))).status).toBe(200)
  const batch = await resolver.post(JSON.stringify([ANNEX_C.instance]), 'application/json')
  expect(await batch.json()).toMatchObject([{ advisories: [notice] }])
  await act('advisory:withdraw', { advisory: String(advisory).replace('urn:uuid:', '') })
  resolver.advanceSeconds(61)
  expect(await resolver.resolve(ANNEX_C.instance)).toMatchObject({ advisories: [] })
})

test('while the root is down an answer names what the last list does; for a resolver that has none nobody can tell', async () => {
  await act('advisory:publish', {
    kind: 'recall-order',
    severity: 'high',
    title: { zh: '召回', en: 'Recall' },
    summary: { zh: '召回', en: 'Recall' },
    affected: [ANNEX_C.provider],
  })
  resolver.advanceSeconds(61)
  expect(await resolver.resolve(ANNEX_C.instance)).toMatchObject({ advisories: [{ kind: 'recall-order' }] })
  await root.node.stop()
  resolver.advanceSeconds(61)
  expect(await resolver.resolve(ANNEX_C.instance)).toMatchObject({
    advisories: [{ kind: 'recall-order' }],
  })
  await using fresh = await startTestResolver(root.anchor)
  const answer = await fresh.resolve(ANNEX_C.instance)
  expect(answer['notes']).toContain('advisories-unknown')
  expect(answer).not.toHaveProperty('advisories')
})
