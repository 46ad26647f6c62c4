import { RegistryError } from '@arc3088/problems'

import type { IssuerTables } from '../db/tables.ts'
import { createBatchAssigner, type AssigningParts } from './assign-batch.ts'
import { keyReused } from './replay.ts'
import type { Outcome, Submission, Tier } from './tier.ts'

/** Most requests that join one transaction. */
const BATCH_REQUESTS_MAX = 256
/** Transactions of one tier at a time; while they run, what arrives waits and joins the next. */
const BATCHES_AT_ONCE = 2
/** Requests that may wait; past it a caller is told to come again. */
const WAITING_REQUESTS_MAX = 10_000

/** Assigns one code; throws RegistryError when refused. */
export type AssignOne<Request> = (
  submission: Submission<Request>,
) => Promise<Extract<Outcome, { kind: 'assigned' }>>

interface Waiting<Request> {
  readonly submission: Submission<Request>
  resolve(outcome: Outcome): void
  reject(error: unknown): void
}

/**
 * The hot path: requests that arrive while a transaction runs join the next one, and an equal request in flight joins
 * the first and gets the same bytes.
 */
export function coalesce<Request, Facts, Tables extends IssuerTables>(
  tier: Tier<Request, Facts, Tables>,
  parts: AssigningParts<Tables>,
): AssignOne<Request> {
  const assignBatch = createBatchAssigner(tier, parts)
  const waiting: Waiting<Request>[] = []
  const inFlight = new Map<string, { bodyHash: Uint8Array; outcome: Promise<Outcome> }>()
  let running = 0

  async function settle(batch: readonly Waiting<Request>[]): Promise<void> {
    const settled = await assignBatch(batch.map(({ submission }) => submission))
    batch.forEach((one, nth) => {
      const outcome = settled[nth] ?? lost()
      if (outcome.kind === 'failed') one.reject(outcome.error)
      else one.resolve(outcome)
    })
  }

  async function work(): Promise<void> {
    running++
    try {
      // One turn of the event loop lets requests that arrived together join.
      await new Promise((resolve) => setImmediate(resolve))
      while (waiting.length > 0) await settle(waiting.splice(0, BATCH_REQUESTS_MAX))
    } finally {
      running--
    }
  }

  function enqueue(submission: Submission<Request>): Promise<Outcome> {
    if (waiting.length >= WAITING_REQUESTS_MAX) {
      throw new RegistryError('service-unavailable', 'Too many requests are waiting', {
        extra: { retry_after_seconds: 1 },
      })
    }
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
    waiting.push({ submission, resolve, reject })
    if (running < BATCHES_AT_ONCE) void work()
    return promise
  }

  async function outcomeOf(submission: Submission<Request>): Promise<Outcome> {
    const { scopeRequester, principal, idempotency } = submission
    const identity = `${scopeRequester} ${principal} ${Buffer.from(idempotency.keyHash).toString('base64')}`
    const equal = inFlight.get(identity)
    if (equal !== undefined) {
      if (!Buffer.from(equal.bodyHash).equals(idempotency.bodyHash)) throw keyReused()
      const outcome = await equal.outcome
      return outcome.kind === 'assigned' ? { ...outcome, replayed: true } : outcome
    }
    const outcome = enqueue(submission)
    inFlight.set(identity, { bodyHash: idempotency.bodyHash, outcome })
    try {
      return await outcome
    } finally {
      inFlight.delete(identity)
    }
  }

  return async (submission) => {
    const outcome = await outcomeOf(submission)
    if (outcome.kind === 'refused') throw outcome.error
    return outcome
  }
}

function lost(): never {
  throw new Error('A batch committed without an outcome for one of its requests')
}
