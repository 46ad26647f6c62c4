import type { GeneralJws, PublicJwk } from '@arc3088/records'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** Who may decide, and what was decided. */
export interface OfficerTables {
  officer_set: { seq: Fixed<number>; hash: Fixed<string>; jws: Fixed<string>; created_at: Fixed<Date> }
  officer_key: {
    kid: Fixed<string>
    operator: Fixed<string>
    jwk: JSONColumnType<PublicJwk, string, never>
    enrolled_at: Fixed<Date>
  }
  proposal_signature: {
    proposal_id: Fixed<string>
    officer: Fixed<string>
    kid: Fixed<string>
    protected: Fixed<string>
    signature: Fixed<string>
    key_hash: Fixed<Uint8Array | null>
    body_hash: Fixed<Uint8Array | null>
    signed_at: Fixed<Date>
  }
  decision: {
    ordinal: Generated<string>
    proposal_id: Fixed<string>
    hash: Fixed<string>
    jws: JSONColumnType<GeneralJws, string, never>
    decided_at: Fixed<Date>
  }
}
