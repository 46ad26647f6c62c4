import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { decisionHash, signDecision, type Decision, type GeneralJws } from '@arc3088/records'
import { METRICS, type MetricDeclaration } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, proposeFor } from './test-applicant.ts'

/** The figures of a root without labels, by name. */
async function figuresOf(root: TestRoot): Promise<ReadonlyMap<string, number>> {
  const text = await (await root.get('/metrics')).text()
  const lines = [...text.matchAll(/^(arc3088_\w+)\{(?:[^}]*,)?service="root"\} (\S+)$/gm)]
  return new Map(lines.map(([, name = '', value]) => [name, Number(value)]))
}

/** A figure once it is as wanted. */
const once = async (root: TestRoot, name: string, isWanted: (value: number | undefined) => boolean) =>
  await waitFor(async () => isWanted((await figuresOf(root)).get(name)), { what: name })

/** Told only where there is something to tell. */
const SOMETIMES = new Set([
  'arc3088_range_exhausted_timestamp_seconds',
  'arc3088_proposal_expires_timestamp_seconds',
  'arc3088_log_checkpoint_age_seconds',
  'arc3088_log_witnessed_age_seconds',
  'arc3088_witness_cosigned_age_seconds',
  'arc3088_witness_silent_seconds',
  'arc3088_lease_left_numbers',
])

describe('the figures of a root', () => {
  let root: TestRoot
  beforeAll(async () => {
    root = await startTestRoot()
  })
  afterAll(async () => {
    await root[Symbol.asyncDispose]()
  })

  test('are all that are declared for one, and no others', async () => {
    await once(root, 'arc3088_status_known_age_seconds', (age) => age !== undefined)
    await once(root, 'arc3088_log_size_entries', (size) => size !== undefined)
    const text = await (await root.get('/metrics')).text()
    const told = [...text.matchAll(/^# HELP (arc3088_\w+) (.*)$/gm)].map(([, name, help]) => [name, help])
    const declarations: [string, MetricDeclaration][] = Object.entries(METRICS)
    const wanted = declarations.filter(
      ([name, { tellers }]) => tellers.includes('root') && !SOMETIMES.has(name),
    )
    expect(told).toEqual(expect.arrayContaining(wanted.map(([name, { help }]) => [name, help])))
    const others = told.filter(([name]) => !wanted.some(([one]) => one === name))
    expect(others.filter(([name]) => !SOMETIMES.has(name ?? ''))).toEqual([])
    expect(text).not.toContain('arc3088_metric_source_up{source="log",service="root"} 0')
  })

  test('say when the key set ends and which proposal is the next to expire', async () => {
    const before = await figuresOf(root)
    const now = Date.now() / 1000
    expect(before.get('arc3088_root_key_set_expires_timestamp_seconds')).toBeGreaterThan(now)
    expect(before.get('arc3088_proposals_pending')).toBe(0)
    expect(before.has('arc3088_proposal_expires_timestamp_seconds')).toBe(false)
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'M1')
    const pending = await figuresOf(root)
    expect(pending.get('arc3088_proposals_pending')).toBe(1)
    expect(pending.get('arc3088_proposal_expires_timestamp_seconds')).toBeGreaterThan(now)
    expect((await root.approve(proposal)).status).toBe(201)
    const after = await figuresOf(root)
    expect(after.get('arc3088_proposals_pending')).toBe(0)
    expect(after.has('arc3088_proposal_expires_timestamp_seconds')).toBe(false)
    await once(root, 'arc3088_log_published_entries', (size) => (size ?? 0) >= 2)
    await once(root, 'arc3088_log_queue_transactions', (queued) => queued === 0)
    await once(root, 'arc3088_feed_lag_changes', (lag) => lag === 0)
  })

  test('count a decision that somebody wrote into the database', async () => {
    expect((await figuresOf(root)).get('arc3088_decisions_unproven')).toBe(0)
    await using applicant = await createApplicant(root)
    const proposal = await proposeFor(root, applicant, 'M2')
    const payload = proposal.decision?.payload ?? ''
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Decision
    // One officer's signature, where it takes two.
    const jws: GeneralJws = { payload, signatures: [await signDecision(root.officerKey('ann'), claims)] }
    await root.database.db
      .insertInto('decision')
      .values({
        proposal_id: proposal.id,
        hash: await decisionHash(jws),
        jws: JSON.stringify(jws),
        decided_at: new Date(),
      })
      .execute()
    await once(root, 'arc3088_decisions_unproven', (count) => count === 1)
  })
})

test('a journal that fails shows at once, and that the node only reads', async () => {
  let folder = ''
  await using broken = await startTestRoot({
    reached(step) {
      if (step === 'approval:committed') rmSync(folder, { recursive: true })
    },
  })
  folder = join(broken.keys.directory, 'journal')
  const before = await figuresOf(broken)
  expect(before.get('arc3088_journal_writable')).toBe(1)
  expect(before.get('arc3088_read_only')).toBe(0)
  expect(before.get('arc3088_journal_free_bytes')).toBeGreaterThan(0)
  await using applicant = await createApplicant(broken)
  expect((await broken.approve(await proposeFor(broken, applicant, 'M3'))).status).toBe(503)
  const after = await figuresOf(broken)
  expect([after.get('arc3088_journal_writable'), after.get('arc3088_read_only')]).toEqual([0, 1])
  expect(after.has('arc3088_journal_free_bytes')).toBe(false)
})
