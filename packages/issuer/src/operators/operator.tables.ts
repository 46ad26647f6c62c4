import type { ColumnType, Generated } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** What a credential is: made by its holder, begun by a key, or handed to somebody to make his own with. */
export type CredentialKind = 'token' | 'session' | 'invitation'

/** The people of a node, and what they show to be let in. */
export interface OperatorTables {
  operator: {
    id: Fixed<string>
    name: Fixed<string>
    role: Fixed<string>
    created_at: Fixed<Date>
    disabled_at: Date | null
  }
  api_token: {
    id: Fixed<string>
    secret_hash: Fixed<Uint8Array>
    principal_kind: Fixed<string>
    principal_id: Fixed<string>
    created_at: Fixed<Date>
    expires_at: Fixed<Date | null>
    revoked_at: Date | null
    kind: ColumnType<CredentialKind, CredentialKind | undefined, never>
    label: ColumnType<string | null, string | null | undefined, never>
    scopes: ColumnType<string[] | null, string[] | null | undefined, never>
    key_id: ColumnType<string | null, string | null | undefined, never>
    used_at: Generated<Date | null>
  }
  session_challenge: { nonce_hash: Fixed<Uint8Array>; expires_at: Fixed<Date> }
  operator_candidate: { operator: Fixed<string>; name: Fixed<string>; role: Fixed<string> }
}
