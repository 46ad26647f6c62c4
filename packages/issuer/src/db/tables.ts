import type { Level } from '@arc3088/codec'
import type { CompactJws } from '@arc3088/records'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'

import type { FeedTables } from '../feed/feed-segment.tables.ts'
import type { KeyTables } from '../keys/key.tables.ts'
import type { LogQueueTables } from '../log/log-queue.tables.ts'
import type { OperatorTables } from '../operators/operator.tables.ts'
import type { OfficerTables } from '../officers/officer.tables.ts'
import type { LogTables } from '../log/log.tables.ts'
import type { RangeKind } from '../numbering/numbering-plan.ts'
import type { StatusChangeTables } from '../status/status-change.tables.ts'
import type { RestoreTables } from '../restore/restore.tables.ts'
import type { WitnessTables } from '../witness/witness.tables.ts'

/** Written once; the role of the service may not update it. */
type Fixed<T> = ColumnType<T, T, never>

/** The four segment numbers by which a node knows a code; a level not reached is 0. */
interface CodeKeyColumns {
  provider: Fixed<number>
  requester: Fixed<number>
  ontology: Fixed<number>
  instance: Fixed<number>
}

/** The tables that root and provider share as issuing nodes. Apps extend this with their own. */
export interface IssuerTables
  extends
    FeedTables,
    KeyTables,
    LogQueueTables,
    LogTables,
    OfficerTables,
    OperatorTables,
    WitnessTables,
    RestoreTables,
    StatusChangeTables {
  code_ledger: CodeKeyColumns & { assigned_at: Fixed<Date> }
  assignment_record: CodeKeyColumns & {
    hash: Fixed<Uint8Array>
    jws: Fixed<CompactJws>
    issued_at: Fixed<Date>
    status_list: Fixed<number>
    status_index: Fixed<number>
  }
  numbering_range: {
    id: Fixed<string>
    level: Fixed<Level>
    name: Fixed<string>
    kind: Fixed<RangeKind>
    first: Fixed<number>
    last: Fixed<number>
    leased: Generated<number>
    scramble_key: Fixed<Uint8Array | null>
    created_at: Fixed<Date>
    business_type: Fixed<string | null>
    closed_at: ColumnType<Date | null, never, Date>
  }
  number_lease: {
    id: Fixed<string>
    range_id: Fixed<string>
    position_first: Fixed<number>
    position_count: Fixed<number>
    process_id: Fixed<string>
    leased_at: Fixed<Date>
  }
  status_list: {
    number: Fixed<number>
    level: Fixed<Level>
    leased: Generated<number>
    scramble_key: Fixed<Uint8Array>
    opened_at: Fixed<Date>
  }
  status_entry: {
    list: Fixed<number>
    index: Fixed<number>
    status: number
    changed_at: Date
  }
  idempotency: CodeKeyColumns & {
    scope_requester: Fixed<number>
    key_hash: Fixed<Uint8Array>
    body_hash: Fixed<Uint8Array>
  }
  outbox: CodeKeyColumns & {
    id: Fixed<string>
    act: Fixed<'assign' | 'status'>
    hash: Fixed<Uint8Array>
    issued_at: Fixed<Date>
  }
  proposal: {
    id: Fixed<string>
    kind: Fixed<string>
    payload: JSONColumnType<object, string, never>
    payload_hash: Fixed<string>
    proposer: Fixed<string>
    proposed_at: Fixed<Date>
    expires_at: Fixed<Date>
    state: Generated<'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn'>
    decided_at: Date | null
    /** The officer set that was in force when it was proposed. */
    officer_set: Fixed<string | null>
    outcome: JSONColumnType<object | null, string | null, string | null>
  }
  proposal_vote: {
    proposal_id: Fixed<string>
    proposer: Fixed<string>
    officer: Fixed<string>
    vote: Fixed<'approve' | 'reject'>
    reason: Fixed<string>
    voted_at: Fixed<Date>
  }
  proposal_object: { object: Fixed<string>; proposal_id: Fixed<string> }
  audit_entry: {
    id: Fixed<string>
    at: Fixed<Date>
    actor: Fixed<string>
    act: Fixed<string>
    object: Fixed<string>
    reason: Fixed<string | null>
    detail: JSONColumnType<object, string, never>
  }
}
