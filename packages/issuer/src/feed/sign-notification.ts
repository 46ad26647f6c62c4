import {
  encodeBase64url,
  SNAPSHOT_NOTIFICATION_LIFETIME_SECONDS,
  signSnapshotNotification,
  type Signer,
  type SnapshotSegment,
} from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'

import type { FeedLog } from './change-lines.ts'
import type { SegmentKeeper } from './segment-keeper.ts'
import type { FeedSegment } from './segment-plan.ts'

/** A notification is signed anew when it lists less than there is, or is so old. */
const AGE_SECONDS_MAX = 300

/** Builds what signs the notification of a node's snapshot: at most once for all that ask for the same. */
export function createNotifier(parts: {
  log: FeedLog
  ambient: Ambient
  signer: () => Signer
  entityId: string
  segments: SegmentKeeper
}): () => Promise<string> {
  const { log, ambient, signer, entityId, segments } = parts
  let newest: { last: number; kid: string; signedAt: number; text: Promise<string> } | undefined

  function describe({ first, last, digest, bytes }: FeedSegment): SnapshotSegment {
    return {
      first: String(first),
      last: String(last),
      uri: `${entityId}/v1/snapshots/${first}-${last}.ndjson.gz`,
      digest: `sha-256:${encodeBase64url(digest)}`,
      bytes,
    }
  }

  async function sign(key: Signer, iat: number): Promise<string> {
    const cover = segments.cover()
    const { size, root } = await log.head()
    return await signSnapshotNotification(key, {
      iss: entityId,
      iat,
      exp: iat + SNAPSHOT_NOTIFICATION_LIFETIME_SECONDS,
      seq: String(cover.last),
      log: { origin: log.origin, size, root },
      snapshot: { segments: cover.segments.map(describe) },
      deltas: cover.deltas.map(describe),
    })
  }

  return async () => {
    const { last } = await segments.refresh()
    const key = signer()
    const now = numericDate(ambient.now())
    const isGood = newest?.last === last && newest.kid === key.kid && now < newest.signedAt + AGE_SECONDS_MAX
    if (isGood && newest !== undefined) return await newest.text
    const signing = { last, kid: key.kid, signedAt: now, text: sign(key, now) }
    newest = signing
    try {
      return await signing.text
    } catch (error) {
      if (newest === signing) newest = undefined
      throw error
    }
  }
}
