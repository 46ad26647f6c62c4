import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

import { formatLogEntry, verifySnapshotNotification, type Signer } from '@arc3088/records'
import { waitFor } from '@arc3088/testkit'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { CHANGES_WAIT_SECONDS_MAX } from '../src/feed/feed-limits.ts'
import {
  changesOf,
  createIssuingSigner,
  readEvents,
  seqsOf,
  startFeedNode,
  upTo,
  type FeedNode,
  type FeedNodeOptions,
} from './feed-node.ts'
import {
  createEd25519Signer,
  createLogDatabase,
  openLogProcess,
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

/** Has so many changes more, and shows them. */
async function grow(node: FeedNode, prefix: string, count: number): Promise<void> {
  await queueMany(database, prefix, count, 500)
  await node.process.log.drainNow()
}

/** Waits until the snapshot of a process covers so much. */
async function covered(node: FeedNode, last: number): Promise<void> {
  const isCovered = async () => (await node.feed.segments.refresh()).last >= last
  await waitFor(isCovered, { what: `a snapshot up to ${last}` })
}

const problemOf = async (response: Response) => {
  const problem: unknown = await response.json()
  return { status: response.status, ...(typeof problem === 'object' ? problem : {}) }
}

describe('a page of changes', () => {
  test('is the log read forward: the entry at each leaf, numbered by its place', async () => {
    await using node = await startNode()
    await grow(node, 'a', 700)
    const response = await node.get('/v1/changes?after=100&limit=300')
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const changes = await changesOf(response)
    expect(seqsOf(changes)).toEqual(upTo(400, 101))
    const entries = await node.process.log.entries(100, 400)
    expect(changes.map(({ t, c, h, i }) => formatLogEntry({ v: 1, t, c, h, i }))).toEqual(entries)
    expect(response.headers.get('x-next-after')).toBe('400')
  })

  test('that is full is the same for ever, and one that is not is asked for again', async () => {
    await using node = await startNode()
    await grow(node, 'a', 30)
    const full = await node.get('/v1/changes?limit=20')
    const partial = await node.get('/v1/changes?after=20&limit=20')
    const empty = await node.get('/v1/changes?after=30')
    expect([full, partial, empty].map((one) => one.headers.get('cache-control'))).toEqual([
      'public, max-age=31536000, immutable',
      'no-cache',
      'no-cache',
    ])
    expect([empty.status, await empty.text(), empty.headers.get('x-next-after')]).toEqual([200, '', '30'])
    const etag = full.headers.get('etag') ?? ''
    expect((await node.get('/v1/changes?limit=20', { 'if-none-match': etag })).status).toBe(304)
    expect(full.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('shows nothing that is queued, or stored and not yet published', async () => {
    let isJournaling = true
    const journal = {
      appended: async () => {
        if (!isJournaling) throw new Error('the disk is full')
      },
      checkpoint: async () => undefined,
    }
    await using node = await startNode({ journal })
    await grow(node, 'a', 10)
    isJournaling = false
    await queueMany(database, 'b', 5)
    expect(await changesOf(await node.get('/v1/changes'))).toHaveLength(10)
    await expect(node.process.log.drainNow()).rejects.toThrow('the disk is full')
    expect(await changesOf(await node.get('/v1/changes'))).toHaveLength(10)
    isJournaling = true
    await node.process.log.drainNow()
    expect(await changesOf(await node.get('/v1/changes?after=10'))).toHaveLength(5)
  })

  test.each([
    'after=01',
    'after=-1',
    'after=1.0',
    'after=',
    'after=1&after=2',
    'after=9999999999999999',
    'limit=0',
    'limit=1001',
    'wait=31',
    'wait=1.5',
    'since=1',
  ])('is refused to a question with %s', async (query) => {
    await using node = await startNode()
    expect(await problemOf(await node.get(`/v1/changes?${query}`))).toMatchObject({
      status: 400,
      code: 'request-invalid',
    })
  })

  test('is refused after a change that never was, with the newest that is', async () => {
    await using node = await startNode()
    await grow(node, 'a', 3)
    expect(await problemOf(await node.get('/v1/changes?after=4'))).toMatchObject({
      status: 400,
      code: 'feed-ahead',
      newest: '3',
    })
  })

  test('is put off, not refused, by a process that is ending and has not seen yet what another showed', async () => {
    await using node = await startNode()
    await grow(node, 'a', 3)
    await node.feed.close()
    expect(await problemOf(await node.get('/v1/changes?after=4'))).toMatchObject({
      status: 503,
      code: 'service-unavailable',
    })
    expect((await node.get('/v1/changes?after=3')).status).toBe(200)
  })
})

describe('a poll', () => {
  test('is answered when the log grows, and with nothing when its time is up', async () => {
    await using node = await startNode()
    await grow(node, 'a', 3)
    const polls = Array.from({ length: 20 }, () =>
      node.get(`/v1/changes?after=3&wait=${CHANGES_WAIT_SECONDS_MAX}`),
    )
    await sleep(50)
    const startedAt = performance.now()
    await grow(node, 'b', 2)
    const answers = await Promise.all(polls)
    expect(performance.now() - startedAt).toBeLessThan(CHANGES_WAIT_SECONDS_MAX * 1000)
    for (const answer of answers) expect(seqsOf(await changesOf(answer))).toEqual([4, 5])
    const empty = await node.get('/v1/changes?after=5&wait=1')
    expect([empty.status, await empty.text()]).toEqual([200, ''])
  })

  test('is answered for what another process of the node appended', async () => {
    await using node = await startNode()
    await using other = await startNode()
    const poll = other.get('/v1/changes?wait=20')
    await sleep(50)
    await grow(node, 'a', 2)
    expect(seqsOf(await changesOf(await poll))).toEqual([1, 2])
    // One process may show a change a moment before the other knows of it.
    await grow(node, 'b', 1)
    expect((await other.get('/v1/changes?after=3')).status).toBe(200)
  })

  test('finds so many others waiting and no more; one that leaves makes room, and a stop answers all', async () => {
    await using node = await startNode({ waitersMax: 2 })
    const leaving = new AbortController()
    const left = fetch(`${node.url}/v1/changes?wait=20`, { signal: leaving.signal })
    left.catch(() => undefined)
    const staying = node.get('/v1/changes?wait=20')
    const isFull = async () => (await node.get('/v1/changes?wait=1')).status === 503
    await waitFor(isFull, { what: 'both to wait' })
    leaving.abort()
    const hasRoom = async () => (await node.get('/v1/changes?wait=1')).status === 200
    await waitFor(hasRoom, { what: 'room' })
    await node.feed.close()
    const answer = await staying
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })
})

describe('a stream of events', () => {
  test('goes on where its reader was, by header or by parameter, and hears of what comes', async () => {
    await using node = await startNode()
    await grow(node, 'a', 600)
    expect((await readEvents(node.url, { count: 600 })).ids).toEqual(upTo(600))
    expect((await readEvents(node.url, { after: '590', count: 10 })).ids).toEqual(upTo(600, 591))
    const live = readEvents(node.url, { after: '0', lastEventId: '598', count: 5 })
    await sleep(50)
    await grow(node, 'b', 3)
    expect((await live).ids).toEqual(upTo(603, 599))
  })

  test('says that it is there while nothing comes', async () => {
    await using node = await startNode({ routes: { heartbeatSeconds: 0.05 } })
    const { ids, comments } = await readEvents(node.url, { count: 3 })
    expect([ids, comments]).toEqual([[], 3])
  })

  test('is refused before it begins where the feed does not go back so far, or never came so far', async () => {
    await using node = await startNode({ retentionChanges: 20 })
    await grow(node, 'a', 100)
    await covered(node, 96)
    const gone = await node.get('/v1/changes/stream', { 'last-event-id': '5' })
    expect(await problemOf(gone)).toMatchObject({ status: 410, code: 'feed-gone' })
    const ahead = await node.get('/v1/changes/stream?after=101')
    expect(await problemOf(ahead)).toMatchObject({ status: 400, code: 'feed-ahead' })
    const bad = await node.get('/v1/changes/stream', { 'last-event-id': 'x' })
    expect(await problemOf(bad)).toMatchObject({ status: 400, code: 'request-invalid' })
  })

  test('of a reader that takes nothing is cut, not kept for it, and it loses nothing by that', async () => {
    await using node = await startNode({
      routes: { takeSecondsMax: 1 },
      sizes: { segmentChanges: 2 ** 20, deltaChanges: 2 ** 20 },
    })
    for (let nth = 0; nth < 6; nth++) await grow(node, `n${nth}`, 10_000)
    let read = 0
    const { entries } = node.process.log
    Object.assign(node.process.log, {
      entries: async (from: number, to: number) => {
        read = Math.max(read, to)
        return await entries(from, to)
      },
    })
    const socket = connect(Number(new URL(node.url).port), '127.0.0.1')
    socket.on('error', () => undefined)
    const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
    let text = ''
    socket.pause()
    socket.write('GET /v1/changes/stream HTTP/1.1\r\nhost: a\r\n\r\n')
    const isCut = () => node.logged.some((line) => line.includes('took nothing'))
    await waitFor(isCut, { what: 'the cut' })
    // What stands in the kernel's buffers was read from the log, and not a change of the rest.
    expect(read).toBeLessThan(60_000)
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    socket.resume()
    await closed
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    const last = (ids.at(-1) ?? 0) - 1
    expect(ids).toEqual(upTo(last + 1))
    const resumed = await readEvents(node.url, { lastEventId: String(last), count: 60_000 - last })
    expect(resumed.ids).toEqual(upTo(60_000, last + 1))
  })

  test('ends when the node stops, and so many are open at a time', async () => {
    await using node = await startNode({ routes: { streamsMax: 1 } })
    await grow(node, 'a', 1)
    const open = readEvents(node.url, { count: 100 })
    const isFull = async () => {
      const response = await node.get('/v1/changes/stream')
      await response.body?.cancel()
      return response.status === 503
    }
    await waitFor(isFull, { what: 'the one stream' })
    await node.feed.close()
    expect(await open).toEqual({ ids: [1], comments: 0, isCut: false })
  })
})

describe('below what the feed keeps', () => {
  test('410 says where the same changes are, and the snapshot has them without a gap', async () => {
    await using node = await startNode({ retentionChanges: 20 })
    await grow(node, 'a', 600)
    await covered(node, 592)
    const gone = await node.get('/v1/changes?after=579')
    expect(gone.headers.get('link')).toContain(`<${ENTITY}/v1/snapshots>; rel="alternate"`)
    expect(await problemOf(gone)).toMatchObject({
      status: 410,
      code: 'feed-gone',
      title_zh: expect.stringContaining('快照'),
      snapshot: `${ENTITY}/v1/snapshots`,
      oldest: '581',
    })
    expect(seqsOf(await changesOf(await node.get('/v1/changes?after=580')))).toEqual(upTo(600, 581))

    const response = await node.get('/v1/snapshots')
    expect(response.headers.get('content-type')).toBe('application/agent-code-snapshot+jwt')
    const verdict = await verifySnapshotNotification(await response.text(), [issuing.publicJwk])
    if (verdict.kind === 'rejected') throw new Error(verdict.detail)
    const { iss, seq, log, snapshot, deltas } = verdict.claims
    const head = await node.process.log.head()
    expect([iss, seq, log]).toEqual([
      ENTITY,
      '592',
      { origin: node.process.log.origin, size: 600, root: head.root },
    ])
    expect([snapshot.segments.length, deltas.length]).toEqual([2, 5])
    const seqs: number[] = []
    for (const part of [...snapshot.segments, ...deltas]) {
      const answer = await node.get(part.uri.slice(ENTITY.length))
      expect(answer.headers.get('content-type')).toBe('application/gzip')
      expect(answer.headers.get('content-encoding')).toBeNull()
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      const lines = gunzipSync(Buffer.from(await answer.arrayBuffer()))
      expect(lines.length).toBe(part.bytes)
      expect(part.digest).toBe(`sha-256:${createHash('sha256').update(lines).digest('base64url')}`)
      seqs.push(...seqsOf(await changesOf(new Response(lines))))
      const etag = answer.headers.get('etag') ?? ''
      expect((await node.get(part.uri.slice(ENTITY.length), { 'if-none-match': etag })).status).toBe(304)
    }
    expect(seqs).toEqual(upTo(592))
  })

  test('nothing is refused that the snapshot does not hold yet', async () => {
    await using node = await startNode({
      retentionChanges: 1,
      reached: (step) => {
        if (step === 'feed:segment-made') throw new Error('the disk is full')
      },
    })
    await grow(node, 'a', 100)
    expect(seqsOf(await changesOf(await node.get('/v1/changes')))).toEqual(upTo(100))
    // It is tried beside the answers, and said once however often it fails.
    const complaints = () => node.logged.filter((line) => line.includes('cannot be kept up'))
    await expect.poll(complaints).toHaveLength(1)
  })

  test('a segment stays where it was when a longer one takes its place, and another has no address', async () => {
    await using node = await startNode()
    await grow(node, 'a', 40)
    await covered(node, 32)
    const early = await (await node.get('/v1/snapshots/1-16.ndjson.gz')).arrayBuffer()
    await grow(node, 'b', 300)
    await covered(node, 336)
    const late = await (await node.get('/v1/snapshots/1-16.ndjson.gz')).arrayBuffer()
    expect(gunzipSync(late)).toEqual(gunzipSync(early))
    for (const name of [
      '1-17.ndjson.gz',
      '337-352.ndjson.gz',
      '1-16.ndjson',
      '01-16.ndjson.gz',
      '0-16.ndjson.gz',
    ])
      expect([name, (await node.get(`/v1/snapshots/${name}`)).status]).toEqual([name, 404])
  })

  test('an empty node has an empty snapshot', async () => {
    await using node = await startNode()
    const verdict = await verifySnapshotNotification(await (await node.get('/v1/snapshots')).text(), [
      issuing.publicJwk,
    ])
    expect(verdict).toMatchObject({
      claims: { seq: '0', log: { size: 0 }, snapshot: { segments: [] }, deltas: [] },
    })
  })

  test('a node that only reads makes no segment, and serves those that there are', async () => {
    {
      await using writing = await startNode()
      await grow(writing, 'a', 20)
      await covered(writing, 16)
    }
    await using log = openLogProcess(database, { key })
    await queueMany(database, 'b', 300, 300)
    await log.log.drainNow()
    const steps: string[] = []
    await using reading = await startNode({
      gate: { mode: () => ({ readOnly: 'it was put back' }) },
      reached: (step) => void steps.push(step),
    })
    reading.feed.moved()
    // Longer than a node takes that may write: it looks at once, and every second.
    await sleep(1500)
    expect(steps).not.toContain('feed:segment-made')
    expect((await reading.feed.segments.refresh()).last).toBe(16)
    expect((await reading.get('/v1/snapshots/1-16.ndjson.gz')).status).toBe(200)
  })

  test('two processes make the same segments, and one row each', async () => {
    await using node = await startNode()
    await using other = await startNode()
    await grow(node, 'a', 600)
    await Promise.all([covered(node, 592), covered(other, 592)])
    expect(node.feed.segments.cover().segments).toEqual(other.feed.segments.cover().segments)
    expect([...node.logged, ...other.logged].filter((line) => line.includes('cannot be kept up'))).toEqual([])
    const { count } = await database.db
      .selectFrom('feed_segment')
      .select((query) => query.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    // Two whole segments, the deltas after them, and at most all the deltas that they took the place of.
    expect(count).toBeGreaterThanOrEqual(7)
    expect(count).toBeLessThanOrEqual(39)
  })
})
