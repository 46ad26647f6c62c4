import { setTimeout as sleep } from 'node:timers/promises'

import { waitFor } from '@arc3088/testkit'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'

import type { Answer } from './answers.ts'
import { approvedOntology, verifiedRequester, type TestRequester } from './requester-acts.ts'
import { startRootProcess } from './start-root-process.ts'
import { startTestProvider } from './start-test-provider.ts'

const REGISTRATIONS = 3000
const CONNECTIONS = 64

/** Asks until the node answers, as a client does that knows its key. */
async function persist(requester: TestRequester, path: string, key: string): Promise<Answer> {
  for (;;) {
    try {
      const answer = await requester.post(path, {}, { 'idempotency-key': key })
      if (answer.status < 500) return answer
    } catch {
      // The connection broke, or nobody listens: the answer may or may not have been on its way.
    }
    await sleep(50)
  }
}

test('killed among 3,000 registrations over 64 connections, it loses and doubles nothing', async () => {
  await using root = await startRootProcess()
  await using provider = await startTestProvider(root)
  await provider.appoint('1')
  const requester = await verifiedRequester(provider)
  const path = `/v1/ontologies/${await approvedOntology(provider, requester)}/instances`
  const node = await provider.asProcess()
  await node.start()

  const keys = Array.from({ length: REGISTRATIONS }, () => v7())
  const waiting = keys.flatMap((key, nth) => (nth % 3 === 0 ? [key, key] : [key]))
  const texts = new Map<string, Set<string>>(keys.map((key) => [key, new Set()]))
  let answered = 0
  const client = async (): Promise<void> => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      const answer = await persist(requester, path, key)
      expect(answer.status).toBe(201)
      texts.get(key)?.add(answer.text)
      answered++
    }
  }
  const murder = async (): Promise<void> => {
    await waitFor(() => answered > REGISTRATIONS / 2, {
      what: 'half of them',
      intervalMs: 5,
    })
    await node.stop('SIGKILL')
    await node.start()
  }
  try {
    await Promise.all([murder(), ...Array.from({ length: CONNECTIONS }, client)])
    const distinct = new Set([...texts.values()].flatMap((answers) => [...answers]))
    expect([...texts.values()].every((answers) => answers.size === 1)).toBe(true)
    expect(distinct.size).toBe(REGISTRATIONS)
    const stored = await provider.database.db
      .selectFrom('code_ledger')
      .select('instance')
      .where('instance', '>', 0)
      .execute()
    expect(stored).toHaveLength(REGISTRATIONS)
    const again = await persist(requester, path, keys[0] ?? '')
    expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([
      [...(texts.get(keys[0] ?? '') ?? [])][0],
      'true',
    ])
  } finally {
    await node.stop()
  }
})
