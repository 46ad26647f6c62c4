import { z } from 'zod'

import { ChangeSeq } from './change.ts'
import { Base64urlSha256, EntityId, Line, NumericDate, Sha256Digest, WebUri } from './claims.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import { rejected, type Rejected } from './verification.ts'

/** Lifetime of a notification: what it lists is there for ever, so it only says how old its end may be. */
export const SNAPSHOT_NOTIFICATION_LIFETIME_SECONDS = 3600
/** Largest notification read. */
export const SNAPSHOT_NOTIFICATION_BYTES_MAX = 4 * 1024 * 1024
/** Largest segment, inflated: what a consumer must be ready to hold, since it believes nothing before its digest. */
export const SNAPSHOT_SEGMENT_BYTES_MAX = 128 * 1024 * 1024

const SEGMENTS_MAX = 16_384
const DELTAS_MAX = 1024

/** Changes that are served together and never change: gzip of the very lines of the feed. */
export const SnapshotSegment = z.object({
  first: ChangeSeq,
  last: ChangeSeq,
  uri: WebUri,
  /** SHA-256 of the lines, inflated. */
  digest: Sha256Digest,
  /** Length of the lines, inflated. */
  bytes: z.int().min(1).max(SNAPSHOT_SEGMENT_BYTES_MAX),
})
export type SnapshotSegment = z.infer<typeof SnapshotSegment>

/**
 * What a node's snapshot is made of (after the notification file of RRDP, RFC 8182): since the feed is a log, a list of
 * segments of the whole sequence, and after them smaller ones, which are its deltas. What comes after `seq` is got from
 * the feed. Signed with an issuing key.
 */
export const SnapshotNotification = z.object({
  iss: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  /** The last change that is listed; "0" while there is none. */
  seq: z.string().regex(/^(0|[1-9]\d{0,14})$/),
  /** The log that all this is read from, at least as large as `seq`. */
  log: z.object({ origin: Line, size: z.int().min(0), root: Base64urlSha256 }),
  snapshot: z.object({ segments: z.array(SnapshotSegment).max(SEGMENTS_MAX) }),
  deltas: z.array(SnapshotSegment).max(DELTAS_MAX),
})
export type SnapshotNotification = z.infer<typeof SnapshotNotification>

/** The parts must be the sequence from 1 to `seq` without a gap, or a consumer would miss a change and never know. */
function fault({ iat, exp, seq, log, snapshot, deltas }: SnapshotNotification): Rejected | undefined {
  if (exp <= iat) return rejected('claims-invalid', 'exp is not after iat')
  let reached = 0
  for (const { first, last } of [...snapshot.segments, ...deltas]) {
    if (Number(first) !== reached + 1 || Number(last) < Number(first))
      return rejected('claims-invalid', `a segment from ${first} to ${last} does not follow ${reached}`)
    reached = Number(last)
  }
  if (String(reached) !== seq)
    return rejected('claims-invalid', `the segments end at ${reached}, not at ${seq}`)
  return log.size < reached ? rejected('claims-invalid', 'the log is smaller than its snapshot') : undefined
}

const document = defineDocument({
  typ: TYP.snapshotNotification,
  schema: SnapshotNotification,
  bytesMax: SNAPSHOT_NOTIFICATION_BYTES_MAX,
  fault,
})
export const signSnapshotNotification = document.sign
export const readSnapshotNotification = document.read
export const verifySnapshotNotification = document.verify
