import type { CodeSegments, Level } from '@arc3088/codec'
import type { NumericDate, Organization, RecognitionState, StatusName } from '@arc3088/records'

import type { Check, Reason } from './findings.ts'
import type { LogStanding } from './log-judgement.ts'
import type { Misconduct } from './misconduct.ts'
import type { StatusEntry } from './status-evidence.ts'
import type { Verdict } from './verdict.ts'

/** A record that was found good. */
export interface AssessedRecord {
  readonly level: Level
  readonly sub: string
  readonly iss: string
  readonly iat: NumericDate
  readonly jti: string
  /** The record, verbatim. */
  readonly jws: string
  /** Where its log has it, as proved here. */
  readonly log?: {
    readonly index: number
    /** Of the tree it was proved against. */
    readonly size: number
    /** When the log's quorum of witnesses had seen that tree; null where the anchor asks for none. */
    readonly witnessed_at: NumericDate | null
  }
}

/** Who answers for the code. */
export interface AssessedProvider {
  /** Canonical code prefix. */
  readonly code: string
  /** The entity that serves now. */
  readonly entity_id: string
  readonly organization: Organization | null
  readonly kind: 'domestic' | 'overseas'
  readonly state: 'active' | 'suspended' | 'retired'
}

/** Under what a code of another root counts here, or does not. */
export interface AssessedRecognition {
  /** The root under which the code stands. */
  readonly trust_anchor: string
  readonly territory: string
  readonly agreement: { readonly jti: string; readonly uri: string; readonly hash: string }
  /** `countersigned`: agreed, and not in force at the instant asked about. */
  readonly state: RecognitionState | 'countersigned'
  readonly since: NumericDate
  readonly list: {
    readonly iss: string
    readonly seq: number
    /** Seconds. */
    readonly age: number
  }
}

/** The outcome of one verification. */
export interface Assessment {
  /** Canonical spelling where the text is a code, else the text asked for. */
  readonly code: string
  readonly verdict: Verdict
  /** The earliest expiry of what the verdict rests on; null where it rests on nothing that is sound. */
  readonly valid_until: NumericDate | null
  readonly reasons: readonly Reason[]
  readonly checks: readonly Check[]
  readonly level?: Level
  readonly segments?: CodeSegments
  readonly provider?: AssessedProvider
  readonly records: readonly AssessedRecord[]
  /** Of statement and records, top-down; only what was found good. */
  readonly statuses: readonly StatusEntry[]
  /** Of the very code asked for. */
  readonly status?: StatusName
  /** How the records stand in their logs; absent where a required proof is missing, or the evidence is not sound. */
  readonly log?: LogStanding
  /** Of a code of another root, where the evidence is sound. */
  readonly recognition?: AssessedRecognition
  /** Two signed documents of the answering node that contradict each other, for whoever calls it to account. */
  readonly misconduct?: Misconduct
}
