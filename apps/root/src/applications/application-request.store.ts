import type { PublicJwk } from '@arc3088/records'
import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { ApplicationState } from './application-step.ts'

/** What an applicant sent after its application, and what came of it. */
export interface ApplicantRequest {
  readonly applicationId: string
  readonly id: string
  readonly act: 'complete' | 'withdraw'
  readonly hash: string
  readonly jws: string
  /** The keys of the application when it came. */
  readonly verifiedBy: readonly PublicJwk[]
  readonly outcome: { readonly state: ApplicationState; readonly revision: number }
  readonly receivedAt: Date
}

/** Keeps a request with what it led to, so that a retry gets the same answer for ever. */
export async function insertRequest(tx: Transaction<RootTables>, request: ApplicantRequest): Promise<void> {
  await tx
    .insertInto('application_request')
    .values({
      application_id: request.applicationId,
      request_id: request.id,
      act: request.act,
      request_hash: request.hash,
      request_jws: request.jws,
      verified_by: JSON.stringify(request.verifiedBy),
      outcome_state: request.outcome.state,
      outcome_revision: request.outcome.revision,
      received_at: request.receivedAt,
    })
    .execute()
}

/** Reads what a request of this id led to. */
export async function readRequest(
  db: Kysely<RootTables>,
  { applicationId, id }: { applicationId: string; id: string },
): Promise<Pick<ApplicantRequest, 'hash' | 'verifiedBy' | 'outcome'> | undefined> {
  const row = await db
    .selectFrom('application_request')
    .select(['request_hash', 'verified_by', 'outcome_state', 'outcome_revision'])
    .where('application_id', '=', applicationId)
    .where('request_id', '=', id)
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : {
        hash: row.request_hash,
        verifiedBy: row.verified_by,
        outcome: { state: row.outcome_state, revision: row.outcome_revision },
      }
}

/** True when the application itself came in a request of this id. */
export async function isFirstRequest(
  db: Kysely<RootTables>,
  { applicationId, id }: { applicationId: string; id: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('provider_application')
    .select('id')
    .where('id', '=', applicationId)
    .where('request_id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}
