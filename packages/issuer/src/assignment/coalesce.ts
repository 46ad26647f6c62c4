import { setTimeout as delay } from 'node:timers/promises'

import { isRetryable } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Supply } from '../numbering/supply.ts'
import { assignAll } from './assign-all.ts'
import type { Issuing } from './issuing.ts'
import { isIdempotencyRace, keyReused } from './replay.ts'
import type { Outcome, Submission, Tier } from './tier.ts'

/** Most requests that join one transaction. */
const BATCH_REQUESTS_MAX = 256
/** Transactions of one tier at a time; while they run, what arrives waits and joins the next. */
const BATCHES_AT_ONCE = 2
/** Requests that may wait; past it a caller is told to come again. */
const WAITING_REQUESTS_MAX = 10_000
const ATTEMPTS_MAX = 5
const FIRST_RETRY_MILLISECONDS = 10

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
 * The hot path: requests that arrive while a transaction runs join the next one. An equal request in flight
 * joins the first and gets the same bytes. A statement that fails bisects its batch until the culprit stands
 * alone, so that one bad request costs its neighbours nothing but time.
 */
export function coalesce<Request, Facts, Tables extends IssuerTables>(
  tier: Tier<Request, Facts, Tables>,
  parts: { db: Kysely<Tables>; supply: Supply; issuing: Issuing },
): AssignOne<Request> {
  const waiting: Waiting<Request>[] = []
  const inFlight = new Map<string, { bodyHash: Uint8Array; outcome: Promise<Outcome> }>()
  let running = 0

  async function commitBatch(submissions: readonly Submission<Request>[]): Promise<Outcome[]> {
    const { db, supply, issuing } = parts
    const automatic = submissions.filter(({ request }) => tier.wishOf(request) === undefined).length
    using draw = await supply.reserve(tier.level, { numbers: automatic, statuses: submissions.length })
    const outcomes = await db.transaction().execute((tx) => assignAll(tx, tier, issuing, submissions, draw))
    issuing.ambient.reached('assignment:committed')
    return outcomes
  }

  /** Runs a batch to its end, whatever it takes; a promise a submission, each settled on its own. */
  async function settle(batch: readonly Waiting<Request>[], attempt = 1): Promise<void> {
    try {
      const outcomes = await commitBatch(batch.map(({ submission }) => submission))
      batch.forEach((one, nth) => one.resolve(outcomes[nth] ?? lost()))
    } catch (error) {
      if (isRetryable(error)) {
        if (attempt === ATTEMPTS_MAX) return rejectAll(batch, error)
        await delay(FIRST_RETRY_MILLISECONDS * 2 ** attempt)
        return await settle(batch, attempt + 1)
      }
      if (batch.length > 1) {
        const middle = batch.length >> 1
        await settle(batch.slice(0, middle))
        return await settle(batch.slice(middle))
      }
      if (isIdempotencyRace(error) && attempt < ATTEMPTS_MAX) return await settle(batch, attempt + 1)
      batch[0]?.reject(error)
    }
    return undefined
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

/** A database that does not answer is nobody's culprit, so the batch is not bisected; the same key may be sent again. */
function rejectAll<Request>(batch: readonly Waiting<Request>[], cause: unknown): undefined {
  const refusal = new RegistryError('service-unavailable', 'The database does not answer', {
    cause,
    extra: { retry_after_seconds: 1 },
  })
  for (const one of batch) one.reject(refusal)
  return undefined
}

function lost(): never {
  throw new Error('A batch committed without an outcome for one of its requests')
}
