import type { Rejected, RejectionReason } from '@arc3088/records'

import type { EventFault } from './event-chain.ts'
import type { Verdict } from './verdict.ts'
import { compareVerdicts, isIntegrityFailure } from './verdict.ts'

/** Why a verdict is not plain `valid`: every reason of records, and those of chains, status and evidence. Never renamed. */
export type ReasonCode =
  | EventFault
  | 'code-malformed'
  | 'version-unsupported'
  | 'prefix-not-recognised'
  | 'bundle-malformed'
  | 'bundle-version-unknown'
  | 'part-missing'
  | 'part-not-checked'
  | 'anchor-conflict'
  | 'anchor-rolled-back'
  | 'anchor-key-not-pinned'
  | 'statement-out-of-position'
  | 'path-too-long'
  | 'iss-wrong'
  | 'sub-wrong'
  | 'authority-hint-missing'
  | 'key-unendorsed'
  | 'key-under-two-purposes'
  | 'entity-type-not-allowed'
  | 'metadata-missing'
  | 'prefix-escape'
  | 'provider-other'
  | 'record-repeated'
  | 'record-out-of-order'
  | 'entity-mismatch'
  | 'predecessor-unproved'
  | 'predecessor-out-of-term'
  | 'provider-retired-unproved'
  | 'key-retired-unproved'
  | 'key-compromised'
  | 'issued-in-future'
  | 'not-yet-valid'
  | 'expired'
  | 'record-expired'
  | 'status-missing'
  | 'status-sub-mismatch'
  | 'status-list-malformed'
  | 'status-index-out-of-range'
  | 'status-reserved'
  | 'statement-withdrawn'
  | 'status-revoked'
  | 'status-suspended'
  | 'status-recalled'
  | 'status-retired'
  | 'status-superseded'
  | 'provider-state'
  | 'answer-other-instant'
  | 'answer-contradicted'
  | 'not-assigned'
  | 'answer-log-missing'
  | 'answer-log-other'
  | 'negative-contradicted'
  | 'log-forked'
  | 'log-proof-missing'
  | 'log-proof-invalid'
  | 'list-too-old'
  | 'list-rolled-back'
  | 'prefix-overlap'
  | 'agreement-other'
  | 'recognition-contradicted'
  | 'recognition-out-of-scope'
  | 'recognition-not-yet'
  | 'recognition-suspended'
  | 'recognition-ended'
  | 'recognition-time-unproved'
  | 'alg-not-agreed'
  | 'name-not-agreed'
  | 'status-too-old'

export interface Finding {
  readonly verdict: Verdict
  readonly code: ReasonCode
  readonly detail: string
  /** The code, entity or address it is about. */
  readonly subject?: string
}

export interface Reason {
  readonly code: ReasonCode
  readonly detail: string
  readonly subject?: string
}

/** One step of the verification, in order. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** What the steps of one verification found so far. */
export interface Findings {
  readonly checks: readonly Check[]
  readonly all: readonly Finding[]
  /** A step that went well. */
  pass(name: string, detail: string): void
  /** A step that did not. */
  fail(name: string, finding: Finding): void
  /** Advice that spoils nothing. */
  advise(finding: Finding): void
  hasIntegrityFailure(): boolean
  /** The worst verdict found, and the reasons, those of the verdict first. */
  conclude(): { verdict: Verdict; reasons: readonly Reason[] }
}

function toReason({ code, detail, subject }: Finding): Reason {
  return subject === undefined ? { code, detail } : { code, detail, subject }
}

export function createFindings(): Findings {
  const checks: Check[] = []
  const all: Finding[] = []
  return {
    checks,
    all,
    pass(name, detail) {
      checks.push({ name, ok: true, detail })
    },
    fail(name, finding) {
      checks.push({ name, ok: false, detail: `${finding.code}: ${finding.detail}` })
      all.push(finding)
    },
    advise(finding) {
      all.push(finding)
    },
    hasIntegrityFailure: () => all.some((finding) => isIntegrityFailure(finding.verdict)),
    conclude() {
      // A stable sort: of equals the first found stays first.
      const sorted = all.toSorted((a, b) => compareVerdicts(a.verdict, b.verdict))
      return { verdict: sorted[0]?.verdict ?? 'valid', reasons: sorted.map(toReason) }
    },
  }
}

const CONTENT_REASONS: ReadonlySet<RejectionReason> = new Set<RejectionReason>([
  'claims-invalid',
  'sub-not-iss',
  'sub-segments-mismatch',
  'level-mismatch',
  'parent-mismatch',
  'lifetime-too-long',
  'list-size-wrong',
  'succession-broken',
])

/** A refused document as a finding: `chain-invalid` when well signed and wrong, `signature-invalid` otherwise. */
export function findingOf({ reason, detail }: Rejected, subject: string): Finding {
  return {
    verdict: CONTENT_REASONS.has(reason) ? 'chain-invalid' : 'signature-invalid',
    code: reason,
    detail,
    subject,
  }
}

/** A finding that the evidence does not hang together. */
export function broken(code: ReasonCode, detail: string, subject: string): Finding {
  return { verdict: 'chain-invalid', code, detail, subject }
}

/** A finding that something needed was not supplied, or is beyond this version. */
export function undecided(code: ReasonCode, detail: string, subject: string): Finding {
  return { verdict: 'indeterminate', code, detail, subject }
}
