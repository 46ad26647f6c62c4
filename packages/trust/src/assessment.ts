import type { CodeSegments, Level } from '@arc3088/codec'
import type { NumericDate, Organization, StatusName } from '@arc3088/records'

import type { Check, Reason } from './findings.ts'
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
}
