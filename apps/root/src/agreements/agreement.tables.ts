import type { GeneralJws } from '@arc3088/records'
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** What there is to deliver: the terms with one's own signature, one's signature alone, or an event. */
export type DeliveryKind = 'terms' | 'signature' | 'event'

/** Other roots and the agreements with them. Everything in them is signed by somebody, or still to be delivered. */
export interface AgreementTables {
  foreign_root_key_set: {
    entity_id: Fixed<string>
    hash: Fixed<string>
    seq: Fixed<number>
    jws: JSONColumnType<GeneralJws, string, never>
    fetched_at: Fixed<Date>
  }
  foreign_root_configuration: {
    entity_id: Fixed<string>
    jws: string
    fetched_at: Date
  }
  agreement: {
    id: Fixed<string>
    hash: Fixed<string>
    payload: Fixed<string>
    sender: Fixed<string>
    received_at: Fixed<Date>
  }
  agreement_signature: {
    agreement: Fixed<string>
    entity_id: Fixed<string>
    kid: Fixed<string>
    protected: Fixed<string>
    signature: Fixed<string>
    received_at: Fixed<Date>
  }
  agreement_event: {
    hash: Fixed<string>
    agreement: Fixed<string>
    entity_id: Fixed<string>
    seq: Fixed<number>
    jws: Fixed<string>
    received_at: Fixed<Date>
  }
  agreement_fork: {
    id: GeneratedAlways<string>
    agreement: Fixed<string>
    entity_id: Fixed<string>
    seq: Fixed<number | null>
    known: Fixed<string>
    other: Fixed<string>
    other_hash: Fixed<string>
    seen_at: Fixed<Date>
  }
  agreement_delivery: {
    id: GeneratedAlways<string>
    agreement: Fixed<string>
    recipient: Fixed<string>
    kind: Fixed<DeliveryKind>
    event: Fixed<string | null>
    request_id: Fixed<string>
    created_at: Fixed<Date>
    attempts: Generated<number>
    due_at: Date
    delivered_at: ColumnType<Date | null, never, Date>
    last_answer: ColumnType<string | null, never, string | null>
  }
  recognition_list: {
    seq: Fixed<number>
    content: Fixed<string>
    hash: Fixed<string>
    jws: Fixed<string>
    issued_at: Fixed<Date>
  }
  recognition_list_issue: {
    seq: Fixed<number>
    jws: string
    issued_at: Date
  }
}
