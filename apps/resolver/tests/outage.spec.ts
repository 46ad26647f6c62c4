import { afterAll, beforeAll, expect, test } from 'vitest'

import { ANNEX_C, appointProvider, registerAnnexC } from './annex-c.ts'
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
}, 120_000)

afterAll(async () => {
  await resources.disposeAsync()
})

const NEVER_SEEN = '1.2.156.3088.1.1.34C2.478BDF.ZZZZZZ'

test('goes on answering from what was signed while root and provider are down, until that expires', async () => {
  await using warm = await startTestResolver(root.anchor)
  await using cold = await startTestResolver(root.anchor)
  expect(await warm.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', notes: [] })
  await root.node.stop()
  await provider.node.stop()

  // Within the ttl nobody is asked; after it nobody answers, and what was signed still holds.
  expect(await warm.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', notes: [] })
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
  expect(await cold.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid', notes: [] })
  expect((await cold.get('/readyz')).status).toBe(200)
}, 60_000)
