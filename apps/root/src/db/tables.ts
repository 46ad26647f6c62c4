import type { IssuerTables, KeyState } from '@arc3088/issuer'
import type { NodeKeyPurpose, Organization, OwnLog, PublicJwk } from '@arc3088/records'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'

import type { AdvisoryTables } from '../advisories/advisory.tables.ts'
import type { AgreementTables } from '../agreements/agreement.tables.ts'
import type { ApplicationTables } from '../applications/application.tables.ts'
import type { ProviderKind } from '../applications/application.ts'
import type { ProviderLifeTables } from '../providers/provider-life.tables.ts'

type Fixed<T> = ColumnType<T, T, never>
type FixedJson<T extends object> = JSONColumnType<T, string, never>

/** All tables of a root: the issuer's and its own. */
export interface RootTables
  extends IssuerTables, ApplicationTables, ProviderLifeTables, AgreementTables, AdvisoryTables {
  provider: {
    code: Fixed<number>
    entity_id: Fixed<string>
    application_id: Fixed<string>
    proposal_id: Fixed<string>
    approver: Fixed<string>
    approval: Generated<'approve'>
    kind: Fixed<ProviderKind>
    territory: Fixed<string>
    organization: FixedJson<Organization>
    federation_jwks: JSONColumnType<PublicJwk[]>
    statement_status_list: Fixed<number>
    statement_status_index: Fixed<number>
    state: Generated<'active' | 'suspended' | 'retired'>
    assigned_at: Fixed<Date>
    tlog: JSONColumnType<OwnLog | null, string | null, string | null>
  }
  root_key_set: {
    seq: Fixed<number>
    hash: Fixed<string>
    jws: Fixed<string>
    accepted_at: Fixed<Date>
  }
  provider_key: {
    kid: Fixed<string>
    provider: Fixed<number>
    purpose: Fixed<NodeKeyPurpose>
    state: KeyState
    changed_at: Date
  }
  provider_key_request: {
    provider: Fixed<number>
    request_id: Fixed<string>
    request_hash: Fixed<string>
    document_hash: Fixed<Uint8Array>
    received_at: Fixed<Date>
  }
}
