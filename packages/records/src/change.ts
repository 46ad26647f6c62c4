import { z } from 'zod'

import { Base64urlSha256, NumericDate } from './claims.ts'
import {
  LOG_ENTRY_BYTES_MAX,
  LOG_ENTRY_NAME_LENGTH_MAX,
  LOG_ENTRY_TYPES,
  type LogEntry,
} from './log-entry.ts'

/** A line of a feed is at most this many bytes, its end included: an entry, and what is around it. */
export const CHANGE_LINE_BYTES_MAX = LOG_ENTRY_BYTES_MAX + 64

/** The number of a change: a decimal text, since it may grow past what JSON numbers hold safely elsewhere. */
export const ChangeSeq = z.string().regex(/^[1-9]\d{0,14}$/)

/**
 * One change of a node, as its feed says it: the entry that stands in the node's log at leaf index `seq` - 1, without
 * its version. One sequence a node, in the order of its log.
 */
export const Change = z.strictObject({
  seq: ChangeSeq,
  t: z.enum(LOG_ENTRY_TYPES),
  /** The code, or its name under the requester's key (W8). */
  c: z.string().min(1).max(LOG_ENTRY_NAME_LENGTH_MAX),
  /** Hash of what was signed. */
  h: Base64urlSha256,
  i: NumericDate,
})
export type Change = z.infer<typeof Change>

/** The line of a change, without its end. One change, one spelling: segments of a feed are told by their digests. */
export function formatChange(seq: number, { t, c, h, i }: LogEntry): string {
  return `{"seq":"${seq}","t":"${t}","c":${JSON.stringify(c)},"h":"${h}","i":${i}}`
}

/** Reads a line of a feed, or `undefined` where it is none or is spelt in any way but that of {@link formatChange}. */
export function readChange(line: string): Change | undefined {
  if (line.length > CHANGE_LINE_BYTES_MAX) return undefined
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const parsed = Change.safeParse(value)
  if (!parsed.success) return undefined
  return formatChange(Number(parsed.data.seq), { v: 1, ...parsed.data }) === line ? parsed.data : undefined
}
