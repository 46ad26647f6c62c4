import type { CodeSegments, Level, Malformation } from '@arc3088/codec'
import type { StatusName } from '@arc3088/records'
import type {
  AssessedProvider,
  AssessedRecognition,
  AssessedRecord,
  Assessment,
  Check,
  EvidenceBundleInput,
  LogStanding,
  Misconduct,
  ReasonCode,
  StatusEntry,
  Verdict,
} from '@arc3088/trust'
import { couldNotTell } from '@arc3088/trust'

import type { AdvisoryNotice } from './advisories.ts'
import type { Trouble } from './document-source.ts'

/** How much of an answer is told: the verdict; also the records and the checks; also the evidence. */
export const DETAILS = ['verdict', 'record', 'bundle'] as const
export type Detail = (typeof DETAILS)[number]

/**
 * What is worth knowing beside the verdict. `provider-width-disputed`: a provider code of six symbols, of which the
 * standard says both that it can and that it cannot be (5.4). `nodes-unreachable`: a node could not be reached, and the
 * answer rests on what it signed before, none of which has expired. `list-rolled-back`: a recognition list came that is
 * older than one seen before, and was refused. `advisories-unknown`: no list of advisories could be had that holds.
 */
export type Note = 'provider-width-disputed' | 'nodes-unreachable' | 'list-rolled-back' | 'advisories-unknown'

/** One resolution: the assessment, and until when it may be kept. */
export interface Resolution {
  readonly assessment: Assessment
  readonly troubles: readonly Trouble[]
  readonly notes: readonly Note[]
  /** Advisories of the pinned root that touch the code; absent where nobody asked, or nobody can tell. */
  readonly advisories?: readonly AdvisoryNotice[]
  /** Where the text asked for is no code: which rule it breaks, and where. */
  readonly malformation?: Malformation
  /** Milliseconds since the epoch until which asking again would bring nothing else. */
  readonly freshUntil: number
}

/** A resolution with the evidence it rests on. */
export interface EvidencedResolution extends Resolution {
  readonly evidence: EvidenceBundleInput
}

/** A resolution as programs read it: plain JSON, codes in canonical spelling. */
export interface ResolvedCode {
  /** Canonical spelling where the text asked for is a code, else that text. */
  readonly code: string
  readonly verdict: Verdict
  /** NumericDate of the earliest expiry the verdict rests on; null where it rests on nothing or could not be reached. */
  readonly valid_until: number | null
  readonly reasons: readonly {
    readonly code: ReasonCode | Trouble['code']
    readonly detail: string
    readonly subject?: string
  }[]
  readonly level?: Level
  readonly segments?: CodeSegments
  readonly provider?: AssessedProvider
  /** Of the very code asked for. */
  readonly status?: StatusName
  /** Of the root's statement and of every record, top-down. */
  readonly statuses: readonly StatusEntry[]
  /** How the records stand in their logs; absent where a required proof is missing, or the evidence is not sound. */
  readonly log?: LogStanding
  /** Of a code of another root: the agreement under which it counts here, or does not, and the list that says so. */
  readonly recognition?: AssessedRecognition
  /** Two signed documents of a node that contradict each other, for whoever calls it to account. */
  readonly misconduct?: Misconduct
  readonly notes: readonly Note[]
  /** Advisories of the pinned root that touch the code; absent where nobody asked, or nobody can tell. */
  readonly advisories?: readonly AdvisoryNotice[]
  /** Only where the text asked for is no code. */
  readonly malformation?: Omit<Malformation, 'kind'>
  /** With detail `record` and `bundle`. */
  readonly records?: readonly AssessedRecord[]
  readonly checks?: readonly Check[]
  /** With detail `bundle`: what anybody with the pinned key set can verify without a network (W6). */
  readonly evidence?: EvidenceBundleInput
}

/** Tells a resolution in the detail asked for. Troubles are reasons where they are why nobody can tell. */
export function describeResolution(
  { assessment, troubles, notes, advisories, malformation }: Resolution,
  detail: Exclude<Detail, 'bundle'>,
): ResolvedCode {
  const {
    code,
    verdict,
    reasons,
    level,
    segments,
    provider,
    status,
    statuses,
    log,
    recognition,
    misconduct,
  } = assessment
  return {
    code,
    verdict,
    // Where nobody can tell, an expiry of the parts at hand would only mislead.
    valid_until: verdict === 'indeterminate' ? null : assessment.valid_until,
    reasons: couldNotTell(verdict) ? [...troubles, ...reasons] : reasons,
    ...(level === undefined ? {} : { level }),
    ...(segments === undefined ? {} : { segments }),
    ...(provider === undefined ? {} : { provider }),
    ...(status === undefined ? {} : { status }),
    statuses,
    ...(log === undefined ? {} : { log }),
    ...(recognition === undefined ? {} : { recognition }),
    ...(misconduct === undefined ? {} : { misconduct }),
    notes,
    ...(advisories === undefined ? {} : { advisories }),
    ...(malformation === undefined ? {} : { malformation: placeOf(malformation) }),
    ...(detail === 'verdict' ? {} : { records: assessment.records, checks: assessment.checks }),
  }
}

/** Tells a resolution in full, with its evidence. */
export function describeWithEvidence(resolution: EvidencedResolution): ResolvedCode {
  return { ...describeResolution(resolution, 'record'), evidence: resolution.evidence }
}

function placeOf({ reason, segment, offset, clause }: Malformation): Omit<Malformation, 'kind'> {
  return { reason, segment, offset, clause }
}
