import type { KeyEvent, NodeKeyPurpose, PublicJwk } from '@arc3088/records'
import type { ColumnType, GeneratedAlways, JSONColumnType } from 'kysely'

import type { KeyState } from './key.ts'

type Fixed<T> = ColumnType<T, T, never>

/** The life of a node's keys, and what was signed about each step of it. */
export interface KeyTables {
  key: {
    kid: Fixed<string>
    purpose: Fixed<NodeKeyPurpose>
    jwk: JSONColumnType<PublicJwk, string, never>
    key_ref: Fixed<string>
    state: KeyState
    announced_at: Fixed<Date>
    endorsed_at: Date | null
    activated_at: Date | null
    outgoing_at: Date | null
    retired_at: Date | null
    final_checkpoint_size: number | null
    compromised_at: Date | null
  }
  key_endorsement: {
    hash: Fixed<Uint8Array>
    kid: Fixed<string>
    issuer: Fixed<string>
    subject: Fixed<string>
    event: Fixed<KeyEvent>
    endorses: Fixed<Uint8Array | null>
    jws: Fixed<string>
    issued_at: Fixed<Date>
    sequence: GeneratedAlways<number>
  }
  key_transition: {
    id: Fixed<string>
    kid: Fixed<string>
    event: Fixed<KeyEvent>
    actor: Fixed<string>
    reason: Fixed<string | null>
    endorsement_hash: Fixed<Uint8Array>
    at: Fixed<Date>
  }
  key_replacement: {
    kid: Fixed<string>
    jwk: JSONColumnType<PublicJwk, string, never>
    key_ref: Fixed<string>
    actor: Fixed<string>
    reason: Fixed<string | null>
    prepared_at: Fixed<Date>
  }
}
