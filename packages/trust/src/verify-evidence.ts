import type { RootPrefix, Subject } from '@arc3088/codec'
import { readRootPrefix, segmentsOf } from '@arc3088/codec'
import type { NumericDate } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE, readEntityConfiguration } from '@arc3088/records'
import { z } from 'zod'

import type { AssessedProvider, Assessment } from './assessment.ts'
import { servingEntity } from './chain.ts'
import { clockAt } from './clock.ts'
import type { PinnedAnchor } from './evidence-bundle.ts'
import { EvidenceBundle } from './evidence-bundle.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, createFindings, undecided } from './findings.ts'
import type { Evidence } from './integrity.ts'
import { verifyIntegrity } from './integrity.ts'
import { judgeEvidence } from './judgement.ts'
import { pathOf, readQuestion } from './subject-path.ts'

export interface EvidenceQuestion {
  /** The text asked for: an identity code or code prefix, in any letter case. */
  readonly code: string
  /** An {@link EvidenceBundle}; whatever else it is gets a verdict too. */
  readonly bundle: unknown
  readonly anchor: PinnedAnchor
  /** The instant to judge at, in seconds. */
  readonly at: NumericDate
  readonly clockSkewSeconds?: number
}

function readBundle(value: unknown): EvidenceBundle | Finding {
  const parsed = EvidenceBundle.safeParse(value)
  if (parsed.success) return parsed.data
  const version = z.object({ v: z.int() }).safeParse(value)
  if (version.success && version.data.v !== 1) {
    return undecided('bundle-version-unknown', `bundle version ${version.data.v}`, 'bundle')
  }
  const why = z.prettifyError(parsed.error).replaceAll('\n', ' ')
  return broken('bundle-malformed', why, 'bundle')
}

/** The prefix the bundle's root claims; only for reading the question, proved or refuted further on. */
function claimedPrefix(bundle: EvidenceBundle | Finding): RootPrefix | undefined {
  const last = 'verdict' in bundle ? undefined : bundle.chains[0]?.at(-1)
  const read = last === undefined ? undefined : readEntityConfiguration(last)
  const text = read?.kind === 'read' ? read.claims.metadata.agent_code_root?.code_prefix : undefined
  const prefix = text === undefined ? undefined : readRootPrefix(text)
  return typeof prefix === 'string' ? prefix : undefined
}

function assessedProvider({ authorities: { grant }, records }: Evidence): AssessedProvider | undefined {
  if (grant?.prefix === undefined) return undefined
  const { kind, state } = grant.statement.metadata[PROVIDER_ENTITY_TYPE]
  const own = records.find((record) => record.level === 'provider')
  return {
    code: grant.prefix.text,
    entity_id: servingEntity(grant.statement).entityId,
    organization: own?.claims.code_assignment.organization ?? null,
    kind,
    state,
  }
}

/** The outcome where there is no sound evidence to speak of. */
function bareAssessment(code: string, subject: Subject | undefined, findings: Findings): Assessment {
  const named = subject === undefined ? {} : { level: subject.level, segments: segmentsOf(subject) }
  const { checks } = findings
  return { code, ...findings.conclude(), valid_until: null, checks, ...named, records: [], statuses: [] }
}

function soundAssessment(
  subject: Subject,
  evidence: Evidence,
  { findings, validUntil }: { findings: Findings; validUntil: NumericDate },
): Assessment {
  const provider = assessedProvider(evidence)
  const status = evidence.entries.find(
    (entry) => entry.of !== 'statement' && entry.subject === subject.text,
  )?.status
  return {
    ...bareAssessment(subject.text, subject, findings),
    valid_until: validUntil,
    ...(provider === undefined ? {} : { provider }),
    records: evidence.records.map(({ level, claims: { sub, iss, iat, jti }, jws }) => ({
      level,
      sub,
      iss,
      iat,
      jti,
      jws,
    })),
    statuses: evidence.entries,
    ...(status === undefined ? {} : { status }),
  }
}

/**
 * From evidence to a verdict, in the order of the wire format: the code, the key set, the chain, the records, the
 * statuses, and only when all of it is intact the dates and what is missing. Never throws for anything `code` or
 * `bundle` can be, fetches nothing, and trusts nothing but the pinned key set.
 */
export async function verifyEvidence({
  code,
  bundle: given,
  anchor,
  at,
  clockSkewSeconds,
}: EvidenceQuestion): Promise<Assessment> {
  const findings = createFindings()
  const bundle = readBundle(given)
  const subject = readQuestion(code, claimedPrefix(bundle))
  if ('verdict' in subject) {
    findings.fail('code', subject)
    return bareAssessment(subject.subject ?? code, undefined, findings)
  }
  findings.pass('code', `${subject.text}, level ${subject.level}`)
  if ('verdict' in bundle) {
    findings.fail('bundle', bundle)
    return bareAssessment(subject.text, subject, findings)
  }
  const evidence = await verifyIntegrity(bundle, anchor, pathOf(subject), findings)
  if (evidence === undefined || findings.hasIntegrityFailure()) {
    return bareAssessment(subject.text, subject, findings)
  }
  const validUntil = judgeEvidence(evidence, subject, clockAt(at, clockSkewSeconds), findings)
  return soundAssessment(subject, evidence, { findings, validUntil })
}
