import { request, type IncomingMessage } from 'node:http'

import { followChanges, type FollowOptions } from '@arc3088/client'
import {
  createMemorySigner,
  generateSigningKey,
  readChange,
  type Change,
  type Signer,
} from '@arc3088/records'
import { ANYONE, createLog, createMetrics, createServiceApp, listen, systemAmbient } from '@arc3088/service'

import { changeRoutes, createFeed, snapshotRoutes, type Feed, type SegmentSizes } from '../src/index.ts'
import {
  openLogProcess,
  type LogDatabase,
  type LogProcess,
  type LogProcessOptions,
} from './test-log-process.ts'

/** What the tests' snapshots are made of: small enough to have many. */
export const SMALL_SIZES: SegmentSizes = { segmentChanges: 256, deltaChanges: 16 }

/** One process of a node, as far as its log and feed go, on a port of its own. */
export interface FeedNode extends AsyncDisposable {
  readonly url: string
  readonly feed: Feed
  readonly process: LogProcess
  readonly logged: readonly string[]
  get(path: string, headers?: Record<string, string>): Promise<Response>
}

export interface FeedNodeOptions extends Partial<LogProcessOptions> {
  readonly key: Signer
  readonly issuing: Signer
  readonly entityId: string
  readonly retentionChanges?: number
  readonly sizes?: SegmentSizes
  readonly waitersMax?: number
  readonly routes?: Parameters<typeof changeRoutes>[1]
  readonly port?: number
}

/** An issuing key. */
export async function createIssuingSigner(): Promise<Signer> {
  const { privateJwk } = await generateSigningKey('ES256')
  return await createMemorySigner({ alg: 'ES256', privateJwk })
}

/** Opens the log and the feed over a database, and serves the feed; the log drains when it is told to or started. */
export async function startFeedNode(database: LogDatabase, options: FeedNodeOptions): Promise<FeedNode> {
  const { key, issuing, entityId, retentionChanges = 1_000_000, sizes = SMALL_SIZES } = options
  const logged: string[] = []
  const logger = createLog({
    level: 'debug',
    service: 'test',
    destination: { write: (line) => void logged.push(line) },
  })
  let feed: Feed | undefined
  const process = openLogProcess(database, { ...options, key, onAppended: () => feed?.moved() })
  const ambient = { ...systemAmbient(), reached: options.reached ?? (() => undefined) }
  const opened = (feed = createFeed({
    db: database.db,
    log: process.log,
    ambient,
    logger,
    ...(options.gate === undefined ? {} : { gate: options.gate }),
    signer: () => issuing,
    entityId,
    retentionChanges,
    sizes,
    ...(options.waitersMax === undefined ? {} : { waitersMax: options.waitersMax }),
  }))
  await opened.start()
  const app = createServiceApp({
    ambient,
    log: logger,
    metrics: createMetrics('test'),
    permissions: {},
    authenticate: () => Promise.resolve(ANYONE),
  })
  app.route(
    '/',
    changeRoutes(() => opened, options.routes),
  )
  app.route(
    '/',
    snapshotRoutes(() => opened),
  )
  const listener = await listen(app.fetch, { host: '127.0.0.1', port: options.port ?? 0 })
  const url = `http://127.0.0.1:${listener.port}`
  return {
    url,
    feed: opened,
    process,
    logged,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    async [Symbol.asyncDispose]() {
      await opened.close()
      await listener.stop(0)
      await process[Symbol.asyncDispose]()
    },
  }
}

/** The changes of an answer. */
export async function changesOf(response: Response): Promise<Change[]> {
  return (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const change = readChange(line)
      if (change === undefined) throw new Error(`no change: ${line}`)
      return change
    })
}

export const seqsOf = (changes: readonly Change[]): number[] => changes.map(({ seq }) => Number(seq))

/** The address that a fetch was asked for. */
export function addressOf(input: Parameters<typeof fetch>[0]): string {
  if (typeof input === 'string') return input
  return input instanceof URL ? input.href : input.url
}

/** 1, 2, … */
export const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, nth) => first + nth)

/** Follows a node in the background, and hands out what came. */
export function follow(
  url: string,
  options: Pick<FollowOptions, 'keys'> & Partial<FollowOptions>,
): { seen: Change[]; troubles: string[]; ended: Promise<void>; stop(): Promise<void> } {
  const stopping = new AbortController()
  const seen: Change[] = []
  const troubles: string[] = []
  const run = async (): Promise<void> => {
    const changes = followChanges({
      baseUrl: url,
      fetch,
      now: () => new Date(),
      waitSeconds: 2,
      signal: stopping.signal,
      onTrouble: (trouble) => troubles.push(trouble.message),
      ...options,
    })
    for await (const change of changes) seen.push(change)
  }
  const ended = run()
  ended.catch(() => undefined)
  return {
    seen,
    troubles,
    ended,
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/** Reads events until so many came, or the stream ends; ids and comments in the order they came. */
export async function readEvents(
  url: string,
  { lastEventId, after, count }: { lastEventId?: string; after?: string; count: number },
): Promise<{ ids: number[]; comments: number; isCut: boolean }> {
  const query = after === undefined ? '' : `?after=${after}`
  const asking = request(`${url}/v1/changes/stream${query}`, {
    agent: false,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  }).end()
  asking.on('error', () => undefined)
  const response = await new Promise<IncomingMessage>((resolve) => asking.once('response', resolve))
  const ids: number[] = []
  let comments = 0
  let rest = ''
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      const parts = (rest + piece.toString('utf8')).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        if (part.startsWith(':')) comments++
        const [, id, data] = /^id: (\d+)\ndata: (.*)$/.exec(part) ?? []
        if (id === undefined) continue
        if (readChange(data ?? '')?.seq !== id) throw new Error(`event ${id} has other data: ${data}`)
        ids.push(Number(id))
      }
      if (ids.length + comments >= count) break
    }
    return { ids, comments, isCut: false }
  } catch {
    return { ids, comments, isCut: true }
  } finally {
    asking.destroy()
  }
}
