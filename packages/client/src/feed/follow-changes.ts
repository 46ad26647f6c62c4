import type { Change, PublicJwk } from '@arc3088/records'

import { askFeed, type FeedAccess } from './ask-feed.ts'
import { FeedTrouble } from './feed-fault.ts'
import { readPage } from './read-page.ts'
import { readSnapshot } from './read-snapshot.ts'

/** Whom to follow, from where on, and by what to believe it. */
export interface FollowOptions {
  /** Where the node is reached, without a path. */
  readonly baseUrl: string
  /** The node's entity identifier, which signs its snapshot; `baseUrl` unless it is reached elsewhere. */
  readonly entityId?: string
  /** The last change that is known; "0" for none. */
  readonly after?: string
  readonly fetch: typeof globalThis.fetch
  /** The node's issuing keys; asked for when a snapshot is to be believed. */
  readonly keys: () => Promise<readonly PublicJwk[]>
  readonly now: () => Date
  /** Ends it: the last change that was handed out is the one to go on from. */
  readonly signal?: AbortSignal
  /** Changes asked for at a time, at most 1000. */
  readonly limit?: number
  /** How long the node is asked to wait for a change, at most 30. */
  readonly waitSeconds?: number
  /** Hears of what is tried again. */
  readonly onTrouble?: (trouble: FeedTrouble) => void
}

const LIMIT = 1000
const WAIT_SECONDS = 25
/** What a page may take beyond the wait that was asked for. */
const PAGE_SECONDS_MAX = 15
const FIRST_RETRY_MILLISECONDS = 200
const RETRY_MILLISECONDS_MAX = 10_000
const RETRY_AFTER_SECONDS_MAX = 60

/**
 * Every change of a node after one, once, in order, as they come; for ever, or until `signal`. Breaks are mended by
 * asking again after the last change that was handed out. What is too old for the feed is read from the signed snapshot.
 *
 * @throws FeedFault when the node contradicts itself or what it signed; what may pass is tried again.
 */
export async function* followChanges(options: FollowOptions): AsyncGenerator<Change, void> {
  const { baseUrl, entityId = baseUrl, fetch, signal, keys, now, onTrouble } = options
  const access: FeedAccess = { baseUrl, fetch, signal }
  const parts: NextParts = {
    access,
    trust: { entityId, keys, now },
    limit: options.limit ?? LIMIT,
    waitSeconds: options.waitSeconds ?? WAIT_SECONDS,
  }
  let after = Number(options.after ?? '0')
  let failures = 0
  const isOver = (): boolean => signal?.aborted === true
  while (!isOver()) {
    try {
      for await (const change of nextChanges(parts, after)) {
        after = Number(change.seq)
        failures = 0
        yield change
      }
      failures = 0
    } catch (error) {
      if (isOver()) return
      if (!(error instanceof FeedTrouble)) throw error
      onTrouble?.(error)
      await pause(pauseOf(error, failures++), signal)
    }
  }
}

interface NextParts {
  readonly access: FeedAccess
  readonly trust: Parameters<typeof readSnapshot>[1]
  readonly limit: number
  readonly waitSeconds: number
}

/** One page, or the whole snapshot where the feed does not go back so far. */
async function* nextChanges(
  { access, trust, limit, waitSeconds }: NextParts,
  after: number,
): AsyncGenerator<Change> {
  const path = `/v1/changes?after=${after}&limit=${limit}&wait=${waitSeconds}`
  const secondsMax = waitSeconds + PAGE_SECONDS_MAX
  const answer = await askFeed(access, path, { mediaType: 'application/x-ndjson', secondsMax })
  if (answer !== 'gone') {
    const { changes, trouble } = await readPage(answer, after, limit)
    yield* changes
    if (trouble !== undefined) throw trouble
    return
  }
  let hasSome = false
  for await (const change of readSnapshot(access, trust, after)) {
    hasSome = true
    yield change
  }
  // A cache in between may have an older notification than the feed goes by.
  if (!hasSome) throw new FeedTrouble(`neither the feed nor its snapshot has change ${after + 1}`)
}

function pauseOf({ retryAfterSeconds }: FeedTrouble, failures: number): number {
  if (retryAfterSeconds !== undefined) return Math.min(retryAfterSeconds, RETRY_AFTER_SECONDS_MAX) * 1000
  return Math.min(FIRST_RETRY_MILLISECONDS * 2 ** Math.min(failures, 10), RETRY_MILLISECONDS_MAX)
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end)
    if (signal?.aborted === true) end()
  })
}
