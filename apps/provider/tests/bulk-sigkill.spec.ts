import { waitFor } from '@arc3088/testkit'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'

import { openBulk, sendBulk, sendLines, type BulkLineSeen } from './bulk-client.ts'
import { approvedOntology, verifiedRequester } from './requester-acts.ts'
import { startRootProcess } from './start-root-process.ts'
import { startTestProvider } from './start-test-provider.ts'

const LINES = 20_000

test('killed among two bulk registrations of the same 20,000 lines, the node loses and doubles nothing', async () => {
  await using root = await startRootProcess()
  await using provider = await startTestProvider(root)
  await provider.appoint('1')
  const requester = await verifiedRequester(provider)
  const ontology = await approvedOntology(provider, requester)
  const node = await provider.asProcess()
  await node.start()
  try {
    const lines = Array.from({ length: LINES }, () => JSON.stringify({ key: v7() }))
    const orders = [lines, lines.toReversed()]
    const streams = orders.map(() => openBulk(provider.url, requester.token, ontology))
    let answered = 0
    const readings = streams.map((stream) => stream.readAll(() => answered++))
    const sendings = streams.map((stream, nth) => sendLines(stream, orders[nth] ?? []))
    const isHalf = () => answered > LINES / 2
    await waitFor(isHalf, { what: 'half of the answers', intervalMs: 2 })
    await node.stop('SIGKILL')
    const broken = await Promise.all(readings)
    await Promise.all(sendings)
    expect(broken.map(({ isWhole }) => isWhole)).toEqual([false, false])
    await node.start()

    const resumed = await sendBulk(provider.url, requester.token, { ontology, lines })
    const idOf = ({ code, record }: BulkLineSeen) => `${code} ${record}`
    const answers = new Map(resumed.lines.slice(0, -1).map((line) => [line.key, idOf(line)]))
    expect(resumed.lines.at(-1)).toMatchObject({ lines: LINES, refused: 0 })
    expect(new Set(answers.values()).size).toBe(LINES)
    const acknowledged = broken.flatMap((stream) => stream.lines)
    expect(acknowledged.length).toBeGreaterThan(LINES / 2)
    expect(acknowledged.filter((line) => answers.get(line.key) !== idOf(line))).toEqual([])
    const { count } = await provider.database.db
      .selectFrom('code_ledger')
      .select((query) => query.fn.countAll<number>().as('count'))
      .where('instance', '>', 0)
      .executeTakeFirstOrThrow()
    expect(count).toBe(LINES)
  } finally {
    await node.stop()
  }
})
