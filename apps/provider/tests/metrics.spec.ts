import { METRICS, type MetricDeclaration } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 1 })
  provider = await startTestProvider(root)
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

/** Each line of a figure, by name and labels as Prometheus is told them. */
async function figures(): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${provider.url}/metrics`)).text()
  const lines = [...text.matchAll(/^(arc3088_[^ ]+) (\S+)$/gm)]
  return new Map(
    lines.map(([, name = '', value]) => [
      name.replace(/,?service="provider"/, '').replace('{}', ''),
      Number(value),
    ]),
  )
}

const once = async (name: string, isWanted: (value: number | undefined) => boolean) =>
  await waitFor(async () => isWanted((await figures()).get(name)), { what: name })

test('before it has a code, its figures say that it may not assign', async () => {
  const told = await figures()
  expect(told.get('arc3088_appointment_good')).toBe(0)
  expect(told.has('arc3088_statement_expires_timestamp_seconds')).toBe(false)
})

test('an appointed provider tells of its appointment, its ranges, its leases and its witness', async () => {
  await provider.appoint('1')
  const requester = await verifiedRequester(provider)
  await approvedOntology(provider, requester)
  const witness = `{witness="${root.url}/"}`
  await once(`arc3088_witness_silent_seconds${witness}`, (seconds) => seconds === 0)
  await once('arc3088_log_unwitnessed_age_seconds', (seconds) => seconds === 0)
  await once('arc3088_endorsements_waiting', (count) => count === 0)
  const told = await figures()
  const now = Date.now() / 1000
  expect(told.get('arc3088_appointment_good')).toBe(1)
  expect(told.get('arc3088_statement_expires_timestamp_seconds')).toBeGreaterThan(now)
  expect(told.get(`arc3088_witness_cosigned_age_seconds${witness}`)).toBeGreaterThanOrEqual(0)
  expect(told.get('arc3088_log_quorum_witnesses')).toBe(1)
  const [size, left] = ['size', 'left'].map((what) =>
    [...told].find(([name]) => name.startsWith(`arc3088_range_${what}_numbers{level="requester"`)),
  )
  expect(left?.[1]).toBeLessThan(size?.[1] ?? 0)
  expect(told.get('arc3088_lease_left_numbers{level="requester",business_type=""}')).toBeGreaterThan(0)
  expect([...told.keys()].filter((name) => name.startsWith('arc3088_range_exhausted_'))).not.toEqual([])
})

test('tells all that is declared for a provider, and nothing else', async () => {
  const told = new Set([...(await figures()).keys()].map((name) => name.replace(/\{.*/, '')))
  const declarations: [string, MetricDeclaration][] = Object.entries(METRICS)
  const declared = declarations.filter(([, { tellers }]) => tellers.includes('provider'))
  const names = declared.flatMap(([name, { kind }]) =>
    kind === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
  )
  expect([...told].toSorted()).toEqual(names.toSorted())
})

test('a witness that is away shows as silent, and what waits for it by its age', async () => {
  await root.stop()
  const requester = await verifiedRequester(provider)
  const witness = `{witness="${root.url}/"}`
  await once(`arc3088_witness_silent_seconds${witness}`, (seconds) => (seconds ?? 0) > 0)
  await once('arc3088_log_unwitnessed_age_seconds', (seconds) => (seconds ?? 0) > 1)
  const told = await figures()
  expect(told.get('arc3088_log_witnessed_entries')).toBeLessThan(
    told.get('arc3088_log_published_entries') ?? 0,
  )
  expect(requester.code).not.toBe('')
  await root.start()
  await once('arc3088_log_unwitnessed_age_seconds', (seconds) => seconds === 0)
  await once(`arc3088_witness_silent_seconds${witness}`, (seconds) => seconds === 0)
})

test('a lock leaves no list unsigned', async () => {
  const requester = await verifiedRequester(provider)
  const code = await approvedOntology(provider, requester)
  expect((await requester.post(`/v1/codes/${code}/lock`, { reason: 'a test' })).status).toBe(200)
  await once('arc3088_status_lists_dirty', (dirty) => dirty === 0)
  const told = await figures()
  expect(told.get('arc3088_status_dirty_oldest_age_seconds')).toBe(0)
  expect(told.get('arc3088_status_known_age_seconds')).toBeLessThan(60)
})
