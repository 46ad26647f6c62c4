import type { RootPrefix, Subject } from '@arc3088/codec'
import { HOME_PREFIX, segmentsOf } from '@arc3088/codec'
import type { NumericDate } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'
import { z } from 'zod'

import type { AssessedProvider, AssessedRecord, Assessment } from './assessment.ts'
import { servingEntity } from './chain.ts'
import type { Clock } from './clock.ts'
import { clockAt } from './clock.ts'
import { createDocumentReader } from './document-reader.ts'
import type { PinnedAnchor } from './evidence-bundle.ts'
import { EvidenceBundle } from './evidence-bundle.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import { createEvidenceMemory } from './evidence-memory.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, createFindings, undecided } from './findings.ts'
import { settleFrozen } from './frozen-provider.ts'
import type { Evidence } from './integrity.ts'
import { verifyIntegrity } from './integrity.ts'
import type { Judgement } from './judgement.ts'
import { judgeEvidence } from './judgement.ts'
import type { Misconduct } from './misconduct.ts'
import type { ProvenEntry } from './proven-entry.ts'
import type { Recognition } from './recognition-basis.ts'
import { claimedPrefixes, recognise } from './recognition.ts'
import { isShownUnlisted } from './recognition-absence.ts'
import type { RecognitionPolicy } from './recognition-basis.ts'
import { isInForce, judgeRecognition } from './recognition-judgement.ts'
import { pathOf, readQuestion } from './subject-path.ts'

export interface EvidenceQuestion {
  /** The text asked for: an identity code or code prefix, in any letter case. */
  readonly code: string
  /** An {@link EvidenceBundle}; whatever else it is gets a verdict too. */
  readonly bundle: unknown
  readonly anchor: PinnedAnchor
  /** The instant to judge at, in seconds. */
  readonly at: NumericDate
  /**
   * The instant asked about, where it is past: documents are still judged at `at`, and the bundle needs the live answer
   * of the issuing node for exactly this instant (W5).
   */
  readonly asOf?: NumericDate
  readonly clockSkewSeconds?: number
  /** For codes of other roots: how old the recognition list may be, and which number was seen. */
  readonly recognition?: RecognitionPolicy
  /** The pinned root's own prefix, where it is another than 1.2.156.3088: no other root may sign codes under it. */
  readonly homePrefix?: RootPrefix
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

function assessedProvider({ authorities: { grant }, records }: Evidence): AssessedProvider | undefined {
  if (grant?.prefix === undefined) return undefined
  const { kind, state } = grant.statement.metadata[PROVIDER_ENTITY_TYPE]
  const own = records.find((record) => record.level === 'provider')
  const organization = own?.claims.code_assignment.organization
  return {
    code: grant.prefix.text,
    entity_id: servingEntity(grant.statement).entityId,
    // A copy: what is remembered must not change with what was handed out.
    organization: organization === undefined ? null : { ...organization },
    kind,
    state,
  }
}

/** The outcome where there is no sound evidence to speak of. */
function bareAssessment(
  code: string,
  subject: Subject | undefined,
  findings: Findings,
  misconduct?: Misconduct,
): Assessment {
  const named = subject === undefined ? {} : { level: subject.level, segments: segmentsOf(subject) }
  const { checks } = findings
  return {
    code,
    ...findings.conclude(),
    valid_until: null,
    checks,
    ...named,
    records: [],
    statuses: [],
    ...(misconduct === undefined ? {} : { misconduct }),
  }
}

function provenPlace(proven: ProvenEntry | undefined): Pick<AssessedRecord, 'log'> {
  if (proven === undefined) return {}
  const { index, size, witnessedAt } = proven
  return { log: { index, size, witnessed_at: witnessedAt ?? null } }
}

function soundAssessment(
  subject: Subject,
  evidence: Evidence,
  {
    findings,
    judgement: { validUntil, log },
    asOf,
  }: { findings: Findings; judgement: Judgement; asOf: NumericDate | undefined },
): Assessment {
  const provider = assessedProvider(evidence)
  const listed = evidence.entries.find((entry) => entry.of !== 'statement' && entry.subject === subject.text)
  const status = asOf === undefined ? listed?.status : evidence.answer?.claims.status
  return {
    ...bareAssessment(subject.text, subject, findings),
    valid_until: validUntil,
    ...(log === undefined ? {} : { log }),
    ...(provider === undefined ? {} : { provider }),
    records: evidence.records.map(({ level, claims: { sub, iss, iat, jti }, jws }) => ({
      level,
      sub,
      iss,
      iat,
      jti,
      jws,
      ...provenPlace(evidence.log.proven.get(jws)),
    })),
    statuses: evidence.entries,
    ...(status === undefined ? {} : { status }),
  }
}

function clockOf({ at, asOf, clockSkewSeconds }: EvidenceQuestion): Clock {
  return clockAt(at, {
    ...(clockSkewSeconds === undefined ? {} : { skewSeconds: clockSkewSeconds }),
    ...(asOf === undefined ? {} : { asOf }),
  })
}

/** Sound evidence judged: its dates, its states and, under another root, by what that counts here. */
function judgeSound(
  evidence: Evidence,
  { subject, recognition }: { subject: Subject; recognition: Recognition | undefined },
  question: EvidenceQuestion,
  findings: Findings,
): Assessment {
  const { asOf, recognition: policy = {} } = question
  const clock = clockOf(question)
  const isNegativeHeard = recognition === undefined || isInForce(recognition, clock)
  const judgement = judgeEvidence(evidence, pathOf(subject), { clock, findings, isNegativeHeard })
  const foreign =
    recognition === undefined
      ? undefined
      : judgeRecognition({ recognition, subject, evidence }, { policy, clock, findings })
  const assessment = soundAssessment(subject, evidence, { findings, judgement, asOf })
  if (foreign === undefined) return assessment
  const validUntil = Math.min(judgement.validUntil, foreign.validUntil)
  return { ...assessment, valid_until: validUntil, recognition: foreign.recognition }
}

async function verifyWith(memory: EvidenceMemory, question: EvidenceQuestion): Promise<Assessment> {
  const { code, anchor, homePrefix = HOME_PREFIX } = question
  const findings = createFindings()
  const reader = createDocumentReader(memory)
  const bundle = readBundle(question.bundle)
  const subject = readQuestion(code, [homePrefix, ...claimedPrefixes(bundle, reader)])
  const tools = { memory, reader, findings }
  const judging = { anchor, policy: question.recognition ?? {}, clock: clockOf(question) }
  if ('verdict' in subject) {
    const isUnlisted =
      subject.code !== 'prefix-not-recognised' ||
      'verdict' in bundle ||
      (await isShownUnlisted(bundle, judging, tools))
    if (isUnlisted) findings.fail('code', subject)
    return bareAssessment(subject.subject ?? code, undefined, findings)
  }
  findings.pass('code', `${subject.text}, level ${subject.level}`)
  if ('verdict' in bundle) {
    findings.fail('bundle', bundle)
    return bareAssessment(subject.text, subject, findings)
  }
  const standing = await recognise(subject, { bundle, homePrefix, ...judging }, tools)
  if (standing.kind === 'refused') return bareAssessment(subject.text, subject, findings)
  const recognition = standing.kind === 'recognised' ? standing.recognition : undefined
  const evidence = await verifyIntegrity(bundle, anchor, pathOf(subject), { ...tools, recognition })
  if (evidence === undefined || findings.hasIntegrityFailure()) {
    return bareAssessment(subject.text, subject, findings, evidence?.misconduct)
  }
  const assessment = judgeSound(evidence, { subject, recognition }, question, findings)
  // Of the past the issuing node alone can tell.
  if (question.asOf !== undefined) return assessment
  const path = pathOf(subject)
  const parts = { bundle, evidence, path, reader }
  return await settleFrozen(assessment, parts, (own, ofRoot) =>
    verifyWith(memory, { ...question, code: own, bundle: ofRoot }),
  )
}

/**
 * From evidence to a verdict, in the order of the wire format: the code, the key set, the chain, the records, the log,
 * the statuses, and only when all of it is intact the dates and what is missing. Never throws for anything `code` or
 * `bundle` can be, fetches nothing, remembers nothing, and trusts nothing but the pinned key set.
 */
export async function verifyEvidence(question: EvidenceQuestion): Promise<Assessment> {
  return await verifyWith(createEvidenceMemory(), question)
}

/** As {@link verifyEvidence}, with a memory. */
export type VerifyEvidence = (question: EvidenceQuestion) => Promise<Assessment>

/**
 * Builds a verifier that answers as {@link verifyEvidence} does, and verifies what it meets again and again only once:
 * statements, records, status list tokens and log proofs whose very text it found good under the very same keys.
 */
export function createVerifier({ memory }: { memory: EvidenceMemory }): VerifyEvidence {
  return async (question) => await verifyWith(memory, question)
}
