import { z } from '@hono/zod-openapi'

/** What an act that assigns answers: the code, and the signed record as it is stored. */
export const AssignmentAnswer = z.object({ code: z.string(), record: z.string() }).openapi('Assignment', {
  description: 'rebuilt from the stored record, so every retry gets the same bytes',
})

/** The header that every assigning act takes. */
export const IdempotencyHeader = z.object({ 'idempotency-key': z.string().optional() })

/** Refusals that every assigning act can give, at every tier. */
export const ASSIGNING_PROBLEMS = [
  'idempotency-key-missing',
  'idempotency-key-reused',
  'code-malformed',
  'code-taken',
  'number-out-of-plan',
  'numbering-exhausted',
  'range-unknown',
  'service-unavailable',
] as const

/** Why an act is done; it stands in the audit trail. */
export const Reason = z.string().min(1).max(2000)

/** A retry is answered with the same bytes; the header alone tells that it was one. */
export function replayHeader(replayed: boolean): Record<string, string> {
  return replayed ? { 'idempotency-replayed': 'true' } : {}
}
