import { setTimeout as delay } from 'node:timers/promises'

import { isRetryable, isTimeout } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { countNumbers } from '../numbering/business-type.ts'
import { servesBusinessType } from '../numbering/numbering-plan.ts'
import type { Supply, Wanted } from '../numbering/supply.ts'
import { acknowledge } from './acknowledge.ts'
import { assignAll } from './assign-all.ts'
import type { Issuing } from './issuing.ts'
import { isIdempotencyRace } from './replay.ts'
import type { Outcome, Submission, Tier } from './tier.ts'

/** What a batch is committed with. */
export interface AssigningParts<Tables extends IssuerTables> {
  readonly db: Kysely<Tables>
  readonly supply: Supply
  readonly issuing: Issuing
}

/** What became of a submission, also where nothing could be found out: the database failed, or a bug did. */
export type Settled = Outcome | { readonly kind: 'failed'; readonly error: unknown }

/** Settles every submission of a batch, in its order; never rejects. */
export type AssignBatch<Request> = (submissions: readonly Submission<Request>[]) => Promise<Settled[]>

const ATTEMPTS_MAX = 5
const FIRST_RETRY_MILLISECONDS = 10

/**
 * Assigns many codes in one transaction. A statement that fails bisects the batch until the culprit stands alone, so
 * that one bad request costs its neighbours nothing but time; a database that is busy or gone is tried again. What
 * comes back as assigned is committed, and as far from loss as the journal can bring it: it may be shown.
 */
export function createBatchAssigner<Request, Facts, Tables extends IssuerTables>(
  tier: Tier<Request, Facts, Tables>,
  parts: AssigningParts<Tables>,
): AssignBatch<Request> {
  async function commit(submissions: readonly Submission<Request>[]): Promise<Outcome[]> {
    const { db, supply, issuing } = parts
    using draw = await supply.reserve(tier.level, wantedBy(tier, issuing, submissions))
    const outcomes = await db.transaction().execute((tx) => assignAll(tx, tier, issuing, submissions, draw))
    issuing.ambient.reached('assignment:committed')
    await acknowledge(issuing, tier.level, outcomes)
    issuing.ambient.reached('assignment:acknowledged')
    return outcomes
  }

  async function settle(submissions: readonly Submission<Request>[], attempt = 1): Promise<Settled[]> {
    try {
      return await commit(submissions)
    } catch (error) {
      if (isRetryable(error)) {
        if (attempt === ATTEMPTS_MAX) return failAll(submissions, unavailable(error))
        await delay(FIRST_RETRY_MILLISECONDS * 2 ** attempt)
        return await settle(submissions, attempt + 1)
      }
      // Somebody holds what it waits for; halves would wait as long, one after the other.
      if (isTimeout(error)) return failAll(submissions, unavailable(error))
      if (submissions.length > 1) {
        const middle = submissions.length >> 1
        const first = await settle(submissions.slice(0, middle))
        return [...first, ...(await settle(submissions.slice(middle)))]
      }
      if (isIdempotencyRace(error) && attempt < ATTEMPTS_MAX) return await settle(submissions, attempt + 1)
      return failAll(submissions, error)
    }
  }

  return async (submissions) => {
    try {
      parts.issuing.demandWritable()
    } catch (error) {
      return failAll(submissions, error)
    }
    return await settle(submissions)
  }
}

/** Nothing is leased for a business type that no range serves: whoever names one is refused, and not remembered. */
function wantedBy<Request, Facts, Tables extends IssuerTables>(
  tier: Tier<Request, Facts, Tables>,
  issuing: Issuing,
  submissions: readonly Submission<Request>[],
): Wanted {
  const statuses = submissions.length
  const requests = submissions.map(({ request }) => request)
  const wishOf = (request: Request) => tier.wishOf(request)
  const businessTypeOf = (request: Request) => tier.businessTypeOf?.(request)
  const plan = issuing.plan()
  const served = requests.filter((request) => {
    const type = businessTypeOf(request)
    return type === undefined || servesBusinessType(plan, tier.level, type)
  })
  return { ...countNumbers(served, { wishOf, businessTypeOf }), statuses }
}

function failAll(submissions: readonly unknown[], error: unknown): Settled[] {
  return submissions.map(() => ({ kind: 'failed', error }))
}

/** A database that does not answer is nobody's culprit; the same key may be sent again. */
function unavailable(cause: unknown): RegistryError {
  return new RegistryError('service-unavailable', 'The database does not answer', {
    cause,
    extra: { retry_after_seconds: 1 },
  })
}
