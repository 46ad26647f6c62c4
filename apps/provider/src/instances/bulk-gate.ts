import { RegistryError } from '@arc3088/problems'

import { BULK_STREAMS_MAX, BULK_STREAMS_PER_REQUESTER_MAX } from './bulk-limits.ts'

/** Counts the streams of a process, so that its memory has a bound. */
export interface BulkGate {
  /** Enters, and answers how to leave; leaving twice is leaving once. @throws RegistryError where there is no room. */
  enter(requesterId: string): () => void
}

/** Opens a gate for one process. */
export function createBulkGate(): BulkGate {
  const inside = new Map<string, number>()
  let total = 0
  return {
    enter(requesterId) {
      const own = inside.get(requesterId) ?? 0
      if (total >= BULK_STREAMS_MAX || own >= BULK_STREAMS_PER_REQUESTER_MAX) {
        throw new RegistryError('service-unavailable', 'Too many bulk registrations run at once', {
          extra: { retry_after_seconds: 5 },
        })
      }
      total++
      inside.set(requesterId, own + 1)
      let isInside = true
      return () => {
        if (!isInside) return
        isInside = false
        total--
        const left = (inside.get(requesterId) ?? 1) - 1
        if (left === 0) inside.delete(requesterId)
        else inside.set(requesterId, left)
      }
    },
  }
}
