import {
  encodeBase64url,
  MEDIA_TYPE,
  SNAPSHOT_NOTIFICATION_BYTES_MAX,
  timeFault,
  toNumericDate,
  verifySnapshotNotification,
  type Change,
  type PublicJwk,
  type SnapshotNotification,
  type SnapshotSegment,
} from '@arc3088/records'

import { askFeed, type FeedAccess } from './ask-feed.ts'
import { FeedFault, FeedTrouble } from './feed-fault.ts'
import { readChanges } from './read-page.ts'

/** By what a snapshot is believed. */
export interface SnapshotTrust {
  /** Who signs: the node's entity identifier. */
  readonly entityId: string
  /** The node's issuing keys, as its configuration or an anchor has them now. */
  readonly keys: () => Promise<readonly PublicJwk[]>
  readonly now: () => Date
}

const NOTIFICATION_SECONDS_MAX = 30
const SEGMENT_SECONDS_MAX = 300

/**
 * The changes after one as the node's snapshot has them, a segment at a time: nothing of a segment is handed out before
 * all of it is what the signed notification says. Ends where the snapshot does.
 */
export async function* readSnapshot(
  access: FeedAccess,
  trust: SnapshotTrust,
  after: number,
): AsyncGenerator<Change> {
  const { iss, snapshot, deltas } = await readNotification(access, trust)
  for (const segment of [...snapshot.segments, ...deltas]) {
    if (Number(segment.last) <= after) continue
    const changes = readChanges(await readLines(access, segment, iss), Number(segment.first) - 1)
    if (changes.at(-1)?.seq !== segment.last)
      throw new FeedFault('snapshot-invalid', `${segment.uri} does not end at ${segment.last}`)
    for (const change of changes) if (Number(change.seq) > after) yield change
  }
}

async function readNotification(
  access: FeedAccess,
  { entityId, keys, now }: SnapshotTrust,
): Promise<SnapshotNotification> {
  const response = await askFeed(access, '/v1/snapshots', {
    mediaType: MEDIA_TYPE.snapshotNotification,
    secondsMax: NOTIFICATION_SECONDS_MAX,
  })
  if (response === 'gone') throw new FeedFault('snapshot-invalid', 'the snapshot itself is gone')
  const text = new TextDecoder().decode(await readBytes(response.body, SNAPSHOT_NOTIFICATION_BYTES_MAX))
  const verdict = await verifySnapshotNotification(text, await keys())
  if (verdict.kind === 'rejected')
    throw new FeedFault('snapshot-invalid', `${verdict.reason}: ${verdict.detail}`)
  const { claims } = verdict
  if (claims.iss !== entityId)
    throw new FeedFault('snapshot-invalid', `signed by ${claims.iss}, not ${entityId}`)
  const fault = timeFault(claims, toNumericDate(now()))
  // A notification from a cache, or a clock that is wrong: the next one may be good.
  if (fault !== undefined) throw new FeedTrouble(`the notification is ${fault}`)
  return claims
}

async function readLines(access: FeedAccess, segment: SnapshotSegment, iss: string): Promise<string[]> {
  const path = `/v1/snapshots/${segment.first}-${segment.last}.ndjson.gz`
  // The node is asked where we know it to be; what a document says is no reason to ask elsewhere.
  if (segment.uri !== `${iss}${path}`)
    throw new FeedFault('snapshot-invalid', `${segment.uri} is no segment of ${iss}`)
  const response = await askFeed(access, path, {
    mediaType: 'application/gzip',
    secondsMax: SEGMENT_SECONDS_MAX,
  })
  if (response === 'gone') throw new FeedFault('snapshot-invalid', `${segment.uri} is gone`)
  const inflated = response.body?.pipeThrough(new DecompressionStream('gzip')) ?? null
  const bytes = await readBytes(inflated, segment.bytes)
  const digest = encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  if (segment.digest !== `sha-256:${digest}`)
    throw new FeedFault('snapshot-invalid', `${segment.uri} has another digest than was signed`)
  const lines = new TextDecoder().decode(bytes).split('\n')
  if (lines.pop() !== '') throw new FeedFault('snapshot-invalid', `${segment.uri} ends within a line`)
  return lines
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(bytesMax)
  let length = 0
  const reader = body?.getReader()
  for (;;) {
    const next = await reader?.read().catch((cause: unknown) => {
      throw new FeedTrouble('a part of the snapshot broke off', { cause })
    })
    if (next === undefined || next.done) return bytes.subarray(0, length)
    if (length + next.value.length > bytesMax) {
      await reader?.cancel()
      throw new FeedFault('snapshot-invalid', `a part of the snapshot has more than ${bytesMax} bytes`)
    }
    bytes.set(next.value, length)
    length += next.value.length
  }
}
