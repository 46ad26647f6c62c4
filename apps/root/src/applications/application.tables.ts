import type { Organization, OwnLog, PublicJwk } from '@arc3088/records'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'

import type { ApplicationDossier } from './application-body.ts'
import type { ApplicationState, StepDetail } from './application-step.ts'
import type { ProviderKind } from './application.ts'

type Fixed<T> = ColumnType<T, T, never>
type FixedJson<T extends object> = JSONColumnType<T, string, never>

/** The tables of applications. What an application says is that of its newest revision. */
export interface ApplicationTables {
  provider_application: {
    id: Fixed<string>
    entity_id: Fixed<string>
    kind: ProviderKind
    organization: JSONColumnType<Organization>
    contact: string
    federation_jwks: JSONColumnType<PublicJwk[]>
    wished_code: number | null
    dossier: JSONColumnType<ApplicationDossier>
    state: Generated<ApplicationState>
    /** The number of the last step, whose state `state` is. */
    step: Generated<number>
    revision: Generated<number>
    /** The application as it was first sent. */
    request_jws: Fixed<string>
    request_id: Fixed<string>
    request_hash: Fixed<string>
    applied_at: Fixed<Date>
    taken_by: string | null
    taken_at: Date | null
    /** The applicant's log, as its own configuration names it; null where it has none. */
    tlog: JSONColumnType<OwnLog | null, string | null, string | null>
  }
  application_step: {
    application_id: Fixed<string>
    step: Fixed<number>
    /** Made by the database: the step before, null at the first. */
    previous: ColumnType<number | null, never, never>
    from_state: Fixed<ApplicationState | null>
    to_state: Fixed<ApplicationState>
    actor: Fixed<string>
    reason: Fixed<string | null>
    detail: FixedJson<StepDetail>
    proposal_id: Fixed<string | null>
    at: Fixed<Date>
  }
  application_request: {
    application_id: Fixed<string>
    request_id: Fixed<string>
    act: Fixed<'complete' | 'withdraw'>
    request_hash: Fixed<string>
    request_jws: Fixed<string>
    verified_by: FixedJson<PublicJwk[]>
    outcome_state: Fixed<ApplicationState>
    outcome_revision: Fixed<number>
    received_at: Fixed<Date>
  }
  /** The federation keys of open and approved applications, each somebody's alone. */
  application_key: { kid: Fixed<string>; application_id: Fixed<string> }
}
