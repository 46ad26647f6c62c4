import { setTimeout as sleep } from 'node:timers/promises'

import { FeedFault } from '@arc3088/client'
import type { Signer } from '@arc3088/records'
import { freePort, waitFor } from '@arc3088/testkit'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import {
  addressOf,
  createIssuingSigner,
  follow,
  seqsOf,
  startFeedNode,
  upTo,
  type FeedNode,
  type FeedNodeOptions,
} from './feed-node.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  createTestJournal,
  namesInLog,
  queue,
  queueMany,
  type LogDatabase,
} from './test-log-process.ts'

const ENTITY = 'https://p1.example'

let key: Signer
let issuing: Signer
let database: LogDatabase
beforeAll(async () => {
  key = await createEd25519Signer()
  issuing = await createIssuingSigner()
})
beforeEach(async () => {
  database = await createLogDatabase()
})
afterEach(async () => {
  await database.drop()
})

async function startNode(options: Partial<FeedNodeOptions> = {}): Promise<FeedNode> {
  return await startFeedNode(database, { key, issuing, entityId: ENTITY, ...options })
}

const trust = () => ({ entityId: ENTITY, keys: () => Promise.resolve([issuing.publicJwk]) })
const nameOf = ({ c }: { c: string }) => c.slice('1.2.156.3088.1.1.'.length)

async function grow(node: FeedNode, prefix: string, count: number): Promise<void> {
  await queueMany(database, prefix, count, 500)
  await node.process.log.drainNow()
}

async function covered(node: FeedNode, last: number): Promise<void> {
  const isCovered = async () => (await node.feed.segments.refresh()).last >= last
  await waitFor(isCovered, { what: `a snapshot up to ${last}` })
}

describe('a consumer', () => {
  test('sees every change of concurrent writers once and in order, through crashes of the leader and of its node', async () => {
    const killedAt = new Set<string>()
    let steps = 0
    let kills = 0
    let nextKill = 4
    const reached = (step: string): void => {
      // A round of the leader has five steps: each is the last of some.
      if (!/^(sequencer|publish):/.test(step) || ++steps < nextKill) return
      nextKill = steps + ([6, 8, 7, 4, 9][kills++ % 5] ?? 5)
      killedAt.add(step)
      throw new Error(`killed at ${step}`)
    }
    const journal = createTestJournal()
    const ports = [await freePort(), await freePort()]
    const start = (port: number | undefined) =>
      startNode({ reached, journal, ...(port === undefined ? {} : { port }) })
    const [first, second] = [await start(ports[0]), await start(ports[1])]
    let nodes = [first, second]
    for (const node of nodes) node.process.log.start()
    let asked = 0
    // One consumer a process, and one that is sent to whichever answers, as behind a balancer.
    const consumers = [
      follow(first.url, trust()),
      follow(second.url, trust()),
      follow(first.url, {
        ...trust(),
        limit: 7,
        fetch: (input, init) =>
          fetch(addressOf(input).replace(first.url, nodes[++asked % nodes.length]?.url ?? first.url), init),
      }),
    ]
    const writers = ['w0', 'w1', 'w2'].map(async (prefix) => {
      for (let nth = 0; nth < 300; nth++) {
        await queue(
          database,
          nth % 10 === 0 ? [`${prefix}-${nth}`, `${prefix}-${nth}+`] : [`${prefix}-${nth}`],
        )
        await sleep(15)
      }
    })
    const total = 3 * (300 + 30)
    // The leader's process is taken away and comes back, twice.
    for (const nth of [0, 1]) {
      await sleep(1000)
      await nodes[nth]?.[Symbol.asyncDispose]()
      await sleep(300)
      nodes = nodes.with(nth, await start(ports[nth]))
      nodes[nth]?.process.log.start()
    }
    await Promise.all(writers)
    const hasAll = () => consumers.every(({ seen }) => seen.length >= total)
    // A consumer that gave up says why, at once.
    const over = consumers.map(async ({ ended }) => {
      await ended
      throw new Error('a consumer ended by itself')
    })
    await Promise.race([waitFor(hasAll, { what: 'every change' }), ...over])
    await Promise.all(consumers.map((consumer) => consumer.stop()))
    const inLog = await namesInLog((nodes[0] ?? first).process.log)
    for (const { seen } of consumers) {
      expect(seqsOf(seen)).toEqual(upTo(total))
      expect(seen.map(nameOf)).toEqual(inLog)
    }
    expect(new Set(inLog).size).toBe(total)
    expect([killedAt.size >= 4, kills > 4, [...killedAt]]).toEqual([true, true, [...killedAt]])
    for (const node of nodes) await node[Symbol.asyncDispose]()
  })

  test('reads the snapshot where the feed does not go back so far, and goes on with the feed', async () => {
    await using node = await startNode({ retentionChanges: 20 })
    await grow(node, 'a', 600)
    await covered(node, 592)
    const fromStart = follow(node.url, trust())
    const fromMiddle = follow(node.url, { ...trust(), after: '300' })
    await waitFor(() => fromStart.seen.length >= 600 && fromMiddle.seen.length >= 300, {
      what: 'what there is',
    })
    await grow(node, 'b', 40)
    await waitFor(() => fromStart.seen.length >= 640 && fromMiddle.seen.length >= 340, { what: 'what came' })
    await Promise.all([fromStart.stop(), fromMiddle.stop()])
    expect(seqsOf(fromStart.seen)).toEqual(upTo(640))
    expect(fromStart.seen.map(nameOf)).toEqual(await namesInLog(node.process.log))
    expect(seqsOf(fromMiddle.seen)).toEqual(upTo(640, 301))
    expect([...fromStart.troubles, ...fromMiddle.troubles]).toEqual([])
  })

  test('goes on after answers that break off anywhere, of the feed and of the snapshot', async () => {
    await using node = await startNode({ retentionChanges: 20 })
    await grow(node, 'a', 600)
    await covered(node, 592)
    let asked = 0
    const breaking: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      asked++
      if (![1, 3].includes(asked % 7) || response.body === null) return response
      // Half of it, and then nothing more, with or without a word of it.
      const whole = new Uint8Array(await response.arrayBuffer())
      const half = whole.slice(0, whole.length >> 1)
      const isSilent = asked % 2 === 1 && response.headers.get('content-type') === 'application/x-ndjson'
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(half),
        pull: (controller) => (isSilent ? controller.close() : controller.error(new Error('ECONNRESET'))),
      })
      return new Response(body, { status: response.status, headers: response.headers })
    }
    const consumer = follow(node.url, { ...trust(), fetch: breaking })
    await waitFor(() => consumer.seen.length >= 600, { what: 'all of it' })
    await consumer.stop()
    expect(seqsOf(consumer.seen)).toEqual(upTo(600))
    expect(consumer.troubles.length).toBeGreaterThan(2)
  })
})

describe('a consumer refuses to go on', () => {
  async function faultOf(node: FeedNode, options: Partial<Parameters<typeof follow>[1]>): Promise<string> {
    const consumer = follow(node.url, { ...trust(), ...options })
    const error: unknown = await consumer.ended.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    return error instanceof FeedFault ? error.reason : String(error)
  }

  /** Passes an answer through a hand that changes its text. */
  const changing =
    (path: string, change: (text: string) => string): typeof fetch =>
    async (input, init) => {
      const response = await fetch(input, init)
      if (!addressOf(input).includes(path) || response.status !== 200) return response
      return new Response(change(await response.text()), { headers: response.headers })
    }

  test('after a change that its node never had', async () => {
    await using node = await startNode()
    await grow(node, 'a', 3)
    expect(await faultOf(node, { after: '4' })).toBe('feed-ahead')
  })

  test('when changes are left out, doubled, turned round or are none', async () => {
    await using node = await startNode()
    await grow(node, 'a', 10)
    const spoil = (change: (lines: string[]) => string[]) =>
      faultOf(node, { fetch: changing('/v1/changes', (text) => change(text.split('\n')).join('\n')) })
    expect(await spoil((lines) => lines.toSpliced(3, 1))).toBe('feed-broken')
    expect(await spoil((lines) => lines.toSpliced(3, 0, lines[3] ?? ''))).toBe('feed-broken')
    expect(await spoil((lines) => [lines[1] ?? '', lines[0] ?? '', ...lines.slice(2)])).toBe('feed-broken')
    expect(await spoil((lines) => lines.with(4, '{"seq":"5"}'))).toBe('feed-broken')
  })

  test('when the snapshot is signed by another, is of another, or is not what was signed', async () => {
    await using node = await startNode({ retentionChanges: 20 })
    await grow(node, 'a', 600)
    await covered(node, 592)
    const other = await createIssuingSigner()
    expect(await faultOf(node, { keys: () => Promise.resolve([other.publicJwk]) })).toBe('snapshot-invalid')
    expect(await faultOf(node, { entityId: 'https://p2.example' })).toBe('snapshot-invalid')
    await using twin = await startNode({
      retentionChanges: 20,
      sizes: { segmentChanges: 512, deltaChanges: 16 },
    })
    await covered(twin, 592)
    const swapped: typeof fetch = (input, init) =>
      fetch(addressOf(input).replace('/257-512.', '/1-512.').replace(node.url, twin.url), init)
    expect(
      await faultOf(node, {
        fetch: (input, init) =>
          addressOf(input).includes('/257-512.') ? swapped(input, init) : fetch(input, init),
      }),
    ).toBe('snapshot-invalid')
  })
})
