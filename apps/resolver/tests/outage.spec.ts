import { afterAll, beforeAll, expect, test } from 'vitest'

import { ANNEX_C, appointProvider, awaitProofs, registerAnnexC } from './annex-c.ts'
import { startProvider, startRoot, type RunningNode, type RunningRoot } from './running-nodes.ts'
import { startTestResolver } from './running-resolver.ts'

const resources = new AsyncDisposableStack()
let root: RunningRoot
let provider: RunningNode

beforeAll(async () => {
  root = resources.use(await startRoot())
  provider = resources.use(await startProvider(root))
  await appointProvider(root, provider)
  await registerAnnexC(provider)
  await awaitProofs(root)
})

afterAll(async () => {
  await resources.disposeAsync()
})

const NEVER_SEEN = '1.2.156.3088.1.1.34C2.478BDF.ZZZZZZ'

test('goes on answering from what was signed while root and provider are down, until that expires', async () => {
  await using warm = await startTestResolver(root.anchor)
  await using cold = await startTestResolver(root.anchor)
  expect(await warm.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', reasons: [], notes: [] })
  await root.node.stop()
  await provider.node.stop()

  // Within the ttl nobody is asked; after it nobody answers, and what was signed still holds.
  expect(await warm.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', reasons: [], notes: [] })
  warm.advanceSeconds(600)
  expect(await warm.resolve(ANNEX_C.instance)).toMatchObject({
    verdict: 'valid',
    notes: ['nodes-unreachable'],
  })
  expect((await warm.get('/readyz')).status).toBe(200)

  // What was never seen cannot be told, least of all as "never assigned".
  const unknown = await warm.get(`/v1/resolve/${NEVER_SEEN}`)
  expect(unknown.status).toBe(200)
  expect(unknown.headers.get('cache-control')).toBe('no-cache')
  expect(await unknown.json()).toMatchObject({
    verdict: 'indeterminate',
    reasons: expect.arrayContaining([expect.objectContaining({ code: 'upstream-unreachable' })]),
  })
  expect(await cold.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'indeterminate', valid_until: null })
  expect((await cold.get('/readyz')).status).toBe(503)
  expect((await cold.get('/livez')).status).toBe(200)

  // Statuses live an hour.
  warm.advanceSeconds(3600)
  expect(await warm.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'indeterminate' })

  await root.node.start()
  await provider.node.start()
  cold.advanceSeconds(2)
  expect(await cold.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', reasons: [], notes: [] })
  expect((await cold.get('/readyz')).status).toBe(200)
})

test('follows a root that replaced its status key while its configuration was still being kept', async () => {
  await using resolver = await startTestResolver(root.anchor)
  expect(await resolver.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', reasons: [] })
  await root.replaceStatusKey()
  // The ttl of the root's lists is over, the max-age of its configuration is not.
  resolver.advanceSeconds(61)
  expect(await resolver.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', reasons: [], notes: [] })
})

test('asks each node once, however many ask for the same unseen code at the same time', async () => {
  const servedByProvider = async (): Promise<number> => {
    const text = await (await fetch(`${provider.url}/metrics`)).text()
    const counts = text.matchAll(/^arc3088_http_requests_total\{[^}]*method="GET"[^}]*\} (\d+)$/gm)
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
  }
  await using resolver = await startTestResolver(root.anchor)
  const before = await servedByProvider()
  const answers = await Promise.all(Array.from({ length: 200 }, () => resolver.resolve(ANNEX_C.instance)))
  const after = await servedByProvider()
  expect(new Set(answers.map((answer) => answer['verdict']))).toEqual(new Set(['valid']))
  // Its configuration, three records with their proofs, three status lists; and the metrics themselves, once.
  expect(after - before).toBe(11)
})
