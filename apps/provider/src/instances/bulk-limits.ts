/** A line holds a key of at most 255 characters and a serial; even with every character escaped it is shorter. */
export const BULK_LINE_BYTES_MAX = 4096
/** Lines of one stream; the rest goes into the next. */
export const BULK_LINES_MAX = 1_000_000
/** Lines of one transaction. */
export const BULK_CHUNK_LINES = 1000
/** A chunk that has begun does not wait longer than this for more lines: who sends slowly is answered soon. */
export const BULK_CHUNK_MILLISECONDS_MAX = 250
/** Transactions of one stream at a time: while one commits, the next is judged and signed. */
export const BULK_CHUNKS_AT_ONCE = 2
/** A sender that sends nothing, or takes no answer, for so long is given up. */
export const BULK_IDLE_SECONDS_MAX = 60
/** Streams of one process at a time, which bounds its memory, and of one requester. */
export const BULK_STREAMS_MAX = 16
export const BULK_STREAMS_PER_REQUESTER_MAX = 4
