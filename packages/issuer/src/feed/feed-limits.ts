/** Changes of one page (api conventions: no list is unbounded). */
export const CHANGES_LIMIT_MAX = 1000
/** Longest a poll may wait. */
export const CHANGES_WAIT_SECONDS_MAX = 30
/** Polls and streams of one process that wait at a time. */
export const FEED_WAITERS_MAX = 1000
/** Streams of one process at a time. */
export const FEED_STREAMS_MAX = 256
/** Downloads of segments of one process at a time; each has a buffer of its own. */
export const SEGMENT_DOWNLOADS_MAX = 16
/** A stream says this often that it is there. */
export const HEARTBEAT_SECONDS = 15
/** A reader of a stream or a segment that takes nothing for so long is cut. */
export const FEED_TAKE_SECONDS_MAX = 30
/** Another process may have shown a change before this one knows of it; so long is waited before that is doubted. */
export const FEED_LAG_MILLISECONDS_MAX = 1000
/** How often what other processes appended is looked for, while somebody waits. */
export const FEED_POLL_MILLISECONDS = 200
/** Changes that are read and turned into lines at a time: a few bundles of the log. */
export const FEED_BLOCK_CHANGES = 1024

/** How the sequence is cut for the snapshot: both are divisors of the next, and a tail shorter than a delta is the feed's. */
export interface SegmentSizes {
  readonly segmentChanges: number
  readonly deltaChanges: number
}

export const SEGMENT_SIZES: SegmentSizes = { segmentChanges: 65_536, deltaChanges: 1024 }
