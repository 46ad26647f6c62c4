import { MEDIA_TYPE, type CompactJws } from '@arc3088/records'
import type { CacheableDocument } from '@arc3088/service'

/** A record never changes, so whoever has it may keep it; an hour bounds what a wrong proxy can do. */
const RECORD_MAX_AGE_SECONDS = 3600

/** A bare record as it is served, whichever way it was asked for. */
export function recordDocument(record: CompactJws): CacheableDocument {
  return {
    body: record,
    mediaType: MEDIA_TYPE.assignmentRecord,
    maxAgeSeconds: RECORD_MAX_AGE_SECONDS,
    immutable: true,
    vary: 'accept',
  }
}
