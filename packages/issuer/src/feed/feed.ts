import { RegistryError } from '@arc3088/problems'
import type { Signer } from '@arc3088/records'
import type { Ambient, Log } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { WriteGate } from '../journal/write-gate.ts'
import { readChangeLines, type FeedLog } from './change-lines.ts'
import {
  FEED_LAG_MILLISECONDS_MAX,
  FEED_WAITERS_MAX,
  SEGMENT_SIZES,
  type SegmentSizes,
} from './feed-limits.ts'
import { createHeadWatch, type HeadWatch } from './head-watch.ts'
import { createSegmentKeeper, type SegmentKeeper } from './segment-keeper.ts'
import { createNotifier } from './sign-notification.ts'

/** What a feed is made of. */
export interface FeedParts {
  readonly db: Kysely<IssuerTables>
  readonly log: FeedLog
  readonly ambient: Ambient
  readonly logger: Log
  /** No segment is noted while the node only reads: of a log that is not ours its digest would stay for ever. */
  readonly gate?: Pick<WriteGate, 'mode'>
  /** The active issuing key. */
  readonly signer: () => Signer
  readonly entityId: string
  /** Changes that the feed goes back for, as far as the snapshot holds what is before them. */
  readonly retentionChanges: number
  readonly sizes?: SegmentSizes
  readonly waitersMax?: number
}

/** A page of the feed. */
export interface ChangePage {
  /** Without their ends. */
  readonly lines: readonly string[]
  /** What to ask for next: the last change of the page, or what was asked after. */
  readonly next: number
}

/** The change feed of a node: its log read forward. */
export interface Feed {
  readonly log: FeedLog
  readonly watch: HeadWatch
  readonly segments: SegmentKeeper
  /** Where the snapshot is. */
  readonly snapshotUri: string
  /** At most `limit` changes after `after`; waits for the first of them, if it must. @throws RegistryError */
  page(asked: {
    after: number
    limit: number
    waitSeconds: number
    signal?: () => AbortSignal
  }): Promise<ChangePage>
  /** Refuses to go on from a change that has not been, or that is no longer kept. @throws RegistryError */
  demandKept(after: number): Promise<void>
  /** The signed list of the parts of the snapshot. */
  notification(): Promise<string>
  /** The log loop says that the log has grown. */
  moved(): void
  /** Reads what there is of the snapshot, and makes what is missing of it in the background. */
  start(): Promise<void>
  /** Ends every wait and stream, so that the listener can stop; the log may stop afterwards. */
  close(): Promise<void>
}

/** How often segments are looked after though no word of the log came: its leader may be another process. */
const KEEP_MILLISECONDS = 1000

/** Builds the feed of one process. */
export function createFeed(parts: FeedParts): Feed {
  const { log, logger, sizes = SEGMENT_SIZES, waitersMax = FEED_WAITERS_MAX } = parts
  const readSize = async (): Promise<number> => (await log.head()).size
  const watch = createHeadWatch(readSize, { waitersMax })
  const segments = createSegmentKeeper({ ...parts, sizes })
  const notification = createNotifier({ ...parts, segments })
  const snapshotUri = `${parts.entityId}/v1/snapshots`
  let keeping: NodeJS.Timeout | undefined
  let isTroubled = false

  async function keep(): Promise<void> {
    const mayWrite = parts.gate === undefined || parts.gate.mode() === 'read-write'
    try {
      await (mayWrite ? segments.catchUp() : segments.refresh())
      isTroubled = false
    } catch (error) {
      // Said once a trouble: it is tried again every second.
      if (!isTroubled) logger.error({ err: error }, 'the snapshot of the feed cannot be kept up')
      isTroubled = true
    }
  }

  async function demandKept(after: number): Promise<number> {
    const size =
      after > (await readSize())
        ? await watch.waitPast(after - 1, { milliseconds: FEED_LAG_MILLISECONDS_MAX })
        : await readSize()
    // Who is ending waits no longer for what another process has shown already: that is no word about the log.
    if (after > size && watch.isClosed) {
      throw new RegistryError('service-unavailable', 'This process is ending', {
        extra: { retry_after_seconds: 1 },
      })
    }
    if (after > size) {
      throw new RegistryError('feed-ahead', `The feed has come to ${size}, not to ${after}`, {
        extra: { newest: String(size) },
      })
    }
    // Nothing is refused that the snapshot does not hold, so that no consumer is ever left with a gap.
    const oldest = Math.min(size - parts.retentionChanges, segments.cover().last)
    if (after < oldest) {
      throw new RegistryError('feed-gone', `The feed goes back to change ${oldest + 1}`, {
        extra: { snapshot: snapshotUri, oldest: String(oldest + 1) },
      })
    }
    return size
  }

  return {
    log,
    watch,
    segments,
    snapshotUri,
    notification,
    async demandKept(after) {
      await demandKept(after)
    },
    async page({ after, limit, waitSeconds, signal }) {
      let size = await demandKept(after)
      if (after === size && waitSeconds > 0)
        size = await watch.waitPast(after, { milliseconds: waitSeconds * 1000, signal: signal?.() })
      const lines = await readChangeLines(log, after, Math.min(after + limit, size))
      return { lines, next: after + lines.length }
    },
    moved() {
      watch.moved()
      if (keeping !== undefined) void keep()
    },
    async start() {
      await segments.refresh()
      keeping ??= setInterval(() => void keep(), KEEP_MILLISECONDS)
      void keep()
    },
    async close() {
      clearInterval(keeping)
      keeping = undefined
      watch.close()
      await segments.close()
    },
  }
}
