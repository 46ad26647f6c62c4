import { coalesce } from '../coalescing/coalesce.ts'
import type { IssuerTables } from '../db/tables.ts'
import { createBatchAssigner, type AssigningParts } from './assign-batch.ts'
import { keyReused } from './replay.ts'
import type { Outcome, Submission, Tier } from './tier.ts'

/** Assigns one code; throws RegistryError when refused. */
export type AssignOne<Request> = (
  submission: Submission<Request>,
) => Promise<Extract<Outcome, { kind: 'assigned' }>>

/** A transaction costs as much as thirty codes in it: a second one at a time is begun for that many. */
const BOUNDS = { itemsMax: 256, runsMax: 2, besideItemsMin: 32, waitingMax: 10_000 }

/**
 * The hot path: requests that arrive while a transaction runs join the next one, and an equal request in flight joins
 * the first and gets the same bytes.
 */
export function createAssigner<Request, Facts, Tables extends IssuerTables>(
  tier: Tier<Request, Facts, Tables>,
  parts: AssigningParts<Tables>,
): AssignOne<Request> {
  const settle = coalesce(createBatchAssigner(tier, parts), BOUNDS)
  const inFlight = new Map<string, { bodyHash: Uint8Array; outcome: Promise<Outcome> }>()

  async function assign(submission: Submission<Request>): Promise<Outcome> {
    const settled = await settle(submission)
    if (settled.kind === 'failed') throw settled.error
    return settled
  }

  async function outcomeOf(submission: Submission<Request>): Promise<Outcome> {
    const { scopeRequester, principal, idempotency } = submission
    const identity = `${scopeRequester} ${principal} ${Buffer.from(idempotency.keyHash).toString('latin1')}`
    const equal = inFlight.get(identity)
    if (equal !== undefined) {
      if (!Buffer.from(equal.bodyHash).equals(idempotency.bodyHash)) throw keyReused()
      const outcome = await equal.outcome
      return outcome.kind === 'assigned' ? { ...outcome, replayed: true } : outcome
    }
    const outcome = assign(submission)
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
