import { createHash } from 'node:crypto'

import type { Ambient, Log } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { changeBytes, type FeedLog } from './change-lines.ts'
import type { SegmentSizes } from './feed-limits.ts'
import { insertSegment, readSegment, readSegments } from './feed-segment.store.ts'
import { coverOf, nextRange, type FeedSegment, type SegmentCover, type SegmentRange } from './segment-plan.ts'

/** Makes the segments of the feed as the log grows, and knows which there are. */
export interface SegmentKeeper {
  /** What there is. Nothing that stands in it is ever taken back. */
  cover(): SegmentCover<FeedSegment>
  /** Reads what there is, without making any. */
  refresh(): Promise<SegmentCover<FeedSegment>>
  /** A segment by its ends; also a delta that a whole segment has taken the place of. */
  find(range: SegmentRange): Promise<FeedSegment | undefined>
  /** Makes what is complete now and is not there yet; one round at a time. */
  catchUp(): Promise<void>
  close(): Promise<void>
}

const NOTHING: SegmentCover<FeedSegment> = { segments: [], deltas: [], last: 0 }

/** Builds the keeper of one process. Several may make the same segment: they get the same bytes, and one row. */
export function createSegmentKeeper(parts: {
  db: Kysely<IssuerTables>
  log: FeedLog
  ambient: Ambient
  logger: Log
  sizes: SegmentSizes
}): SegmentKeeper {
  const { db, log, ambient, logger, sizes } = parts
  let cover = NOTHING
  let round: Promise<void> | undefined
  let isClosed = false

  async function refresh(): Promise<SegmentCover<FeedSegment>> {
    const whole = cover.segments.at(-1)?.last ?? 0
    const known = [...cover.segments, ...(await readSegments(db, whole))]
    const read = coverOf(known, sizes)
    // Two may be read at a time, and the one that was read first may come last.
    if (read.last >= cover.last && read.segments.length >= cover.segments.length) cover = read
    return cover
  }

  async function make(range: SegmentRange): Promise<void> {
    const digest = createHash('sha256')
    let bytes = 0
    for await (const block of changeBytes(log, range)) {
      digest.update(block)
      bytes += block.length
      if (isClosed) return
    }
    ambient.reached('feed:segment-made')
    await insertSegment(db, { ...range, digest: digest.digest(), bytes }, ambient.now())
  }

  async function makeAll(): Promise<void> {
    for (;;) {
      const { size } = await log.head()
      const range = nextRange(await refresh(), size, sizes)
      if (range === undefined || isClosed) return
      await make(range)
    }
  }

  return {
    cover: () => cover,
    refresh,
    find: (range) => readSegment(db, range),
    async catchUp() {
      round ??= makeAll().finally(() => {
        round = undefined
      })
      await round
    },
    async close() {
      isClosed = true
      await round?.catch((error: unknown) =>
        logger.warn({ err: error }, 'a segment of the feed was not made'),
      )
    },
  }
}
