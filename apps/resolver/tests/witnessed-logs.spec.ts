import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { waitFor } from '@arc3088/testkit'
import { verifyEvidence } from '@arc3088/trust'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ANNEX_C, appointProvider, registerAnnexC } from './annex-c.ts'
import { runNode } from './node-process.ts'
import { startProvider, startRoot, type RunningNode, type RunningRoot } from './running-nodes.ts'
import { startTestResolver, type TestResolver } from './running-resolver.ts'

const resources = new AsyncDisposableStack()
let root: RunningRoot
let provider: RunningNode
let resolver: TestResolver
let anchorFile: string

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-witnessed-'))
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  root = resources.use(await startRoot({ logQuorum: 1 }))
  anchorFile = join(folder, 'anchor.json')
  writeFileSync(anchorFile, root.anchorText)
  provider = resources.use(await startProvider(root))
  await appointProvider(root, provider)
  await registerAnnexC(provider)
  resolver = resources.use(await startTestResolver(root.anchor))
})

afterAll(async () => {
  await resources.disposeAsync()
})

/** The answer, once the logs of root and provider have been seen by each other. */
async function provedAnswer(detail: 'record' | 'bundle'): Promise<Record<string, unknown>> {
  let answer: Record<string, unknown> = {}
  await waitFor(
    async () => {
      answer = await resolver.resolve(ANNEX_C.instance, `?detail=${detail}`)
      return answer['log'] === 'proved'
    },
    { what: 'witnessed proofs' },
  )
  return answer
}

test('proves the records of a provider in its log, which the root has witnessed', async () => {
  const answer = await provedAnswer('record')
  expect(answer).toMatchObject({ verdict: 'valid', log: 'proved' })
  const records = answer['records'] as {
    log?: { index: number; size: number; witnessed_at: number | null }
  }[]
  expect(records).toHaveLength(4)
  // The root's own, first record is proved once the root has named its provider as its witness.
  for (const { log } of records.slice(1)) {
    expect(log?.index).toBeLessThan(log?.size ?? 0)
    expect(log?.witnessed_at).toBeGreaterThan(Date.now() / 1000 - 600)
  }
})

test('hands out evidence that proves the same without a network, and none of it can be left out', async () => {
  const { evidence } = await provedAnswer('bundle')
  const at = Math.floor(Date.now() / 1000)
  const question = { code: ANNEX_C.instance, anchor: root.anchor, at }
  expect(await verifyEvidence({ ...question, bundle: evidence })).toMatchObject({
    verdict: 'valid',
    log: 'proved',
  })
  const { tlog_proofs: _, ...rest } = evidence as Record<string, unknown>
  // Past the first minute a live answer no longer stands in for a proof.
  const { verdict, reasons } = await verifyEvidence({ ...question, at: at + 60, bundle: rest })
  const codes = new Set(reasons.map(({ code }) => code))
  expect([verdict, [...codes]]).toEqual(['indeterminate', ['log-proof-missing']])
  expect(reasons.length).toBeGreaterThanOrEqual(3)
})

test('answers for a past instant: before the code, and since', async () => {
  const answer = await provedAnswer('record')
  const [, , , own] = answer['records'] as { iat: number }[]
  const assignedAt = own?.iat ?? 0
  expect(await resolver.resolve(ANNEX_C.instance, `?at=${assignedAt - 10}`)).toMatchObject({
    verdict: 'not-assigned',
  })
  expect(await resolver.resolve(ANNEX_C.instance, `?at=${assignedAt}`)).toMatchObject({
    verdict: 'valid',
    status: 'valid',
  })
})

test.each([
  ['the root', () => root],
  ['the provider', () => provider],
])('the log of %s is sound to whoever reads all of it', async (_, node) => {
  await provedAnswer('record')
  // A root asks its first witness again after a while, where that did not know the root's log yet.
  const shown = async () => (await fetch(`${node().url}/tlog/checkpoint`)).status
  await expect.poll(shown).toBe(200)
  const argv = ['log', 'fsck', `${node().url}/tlog/`, '--anchor', anchorFile, '--json']
  const told = JSON.parse(await runNode('cli', argv, {})) as Record<string, unknown>
  expect(told).toMatchObject({ sound: true, signature: 'verified', faults: [] })
  expect(told['size']).toBeGreaterThan(0)
})

test('the proof of a code is had from its node by the command line', async () => {
  await provedAnswer('record')
  const argv = ['log', 'proof', provider.url, ANNEX_C.instance, '--anchor', anchorFile, '--json']
  const told = JSON.parse(await runNode('cli', argv, {})) as Record<string, unknown>
  expect(told).toMatchObject({ verified: true, entry: { t: 'assign' } })
})
