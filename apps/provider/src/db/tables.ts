import type { IssuerTables } from '@arc3088/issuer'
import type { Organization } from '@arc3088/records'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'

import type { AdvisoryTables } from '../advisories/advisory.tables.ts'
import type { RootWord } from '../appointment/root-word.ts'
import type { Description } from '../descriptions/description.ts'
import type { Life, LifeAct, LockHolder } from '../life/life.ts'
import type { ReviewAct, ReviewState } from '../ontologies/review.ts'
import type {
  LocalIdentifier,
  EvidenceReference,
  RequesterKind,
  RequesterState,
} from '../requesters/requester.ts'

type Fixed<T> = ColumnType<T, T, never>
type FixedJson<T extends object | null> = JSONColumnType<T, string, never>

/** All tables of a provider: the issuer's and its own. */
export interface ProviderTables extends IssuerTables, AdvisoryTables {
  appointment: {
    only_one: Generated<true>
    code_prefix: Fixed<string>
    evidence: JSONColumnType<RootWord>
    verified_at: Date
  }
  requester: {
    id: Fixed<string>
    kind: Fixed<RequesterKind>
    country: Fixed<string>
    organization: ColumnType<Organization | null, string | null, never>
    state: Generated<RequesterState>
    code: number | null
    applied_at: Fixed<Date>
    verified_by: string | null
    verified_at: Date | null
  }
  requester_dossier: {
    requester_id: Fixed<string>
    person_name: Fixed<string | null>
    contact: Fixed<string>
    local_identifiers: FixedJson<LocalIdentifier[]>
    evidence: FixedJson<EvidenceReference[]>
    /** See `submissionOf`; null where the application came without a key. */
    submission: Fixed<Uint8Array | null>
  }
  ontology: {
    requester: Fixed<number>
    id: Fixed<string>
    version: Generated<number>
    description: JSONColumnType<Description>
    review: Generated<ReviewState>
    taken_by: string | null
    core_profile: string | null
    core_digest: `sha-256:${string}` | null
    ontology: number | null
    life: Life | null
    locked_by: LockHolder | null
    created_at: Fixed<Date>
    changed_at: Date
  }
  ontology_transition: {
    requester: Fixed<number>
    ontology_id: Fixed<string>
    id: Fixed<string>
    act: Fixed<ReviewAct>
    from_state: Fixed<ReviewState>
    to_state: Fixed<ReviewState>
    actor: Fixed<string>
    reason: Fixed<string | null>
    at: Fixed<Date>
  }
  instance_life: {
    requester: Fixed<number>
    ontology: Fixed<number>
    instance: Fixed<number>
    life: Generated<Life>
    locked_by: Generated<LockHolder | null>
  }
  code_transition: {
    requester: Fixed<number>
    ontology: Fixed<number>
    instance: Fixed<number>
    id: Fixed<string>
    act: Fixed<LifeAct>
    from_life: Fixed<Life>
    from_locked_by: Fixed<LockHolder | null>
    to_life: Fixed<Life>
    to_locked_by: Fixed<LockHolder | null>
    actor: Fixed<string>
    reason: Fixed<string>
    at: Fixed<Date>
  }
}
