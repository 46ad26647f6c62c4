import { parsePrefix, readRootPrefix, type CodePrefix, type RootPrefix } from '@arc3088/codec'
import type { ServedTerm } from '@arc3088/issuer'
import {
  PROVIDER_ENTITY_TYPE,
  readEntityConfiguration,
  readSubordinateStatement,
  type LogMetadata,
  type NumericDate,
} from '@arc3088/records'
import { isGood, servingEntity, verifyEvidence, type PinnedAnchor, type Verdict } from '@arc3088/trust'

import type { Mandate } from './mandate.ts'
import { bundleOf, type RootWord } from './root-word.ts'
import { verdictButForLog } from './verdict-but-for-log.ts'

/** What the root's word says of the two logs that this provider has to do with (wire-format W1, W2). */
export interface AppointedLogs {
  /** This provider's own, with who witnesses it; undefined while the root knows none. */
  readonly own: LogMetadata | undefined
  /** The root's, which this provider witnesses; undefined where the root has none. */
  readonly root: LogMetadata | undefined
}

/** The root's word for this provider, found good against the pinned key set. */
export interface Appointment {
  readonly prefix: RootPrefix
  /** The provider's own code prefix. */
  readonly code: CodePrefix
  readonly word: RootWord
  /** What the root says of the provider: `valid`, or that it is suspended or retired. */
  readonly verdict: Verdict
  /** The entity that serves now, where that is another than this node (W2): then this node assigns nothing. */
  readonly servedBy: string | undefined
  /** Who served before, and when. */
  readonly predecessors: readonly ServedTerm[]
  readonly statementExpiresAt: NumericDate
  readonly verifiedAt: Date
  readonly logs: AppointedLogs
}

/** What use cases ask about the appointment. */
export interface AppointmentDoor {
  /** True once the root's word was found good; it stays so. */
  isKnown(): boolean
  /** The appointment, also when it has lapsed: codes stay resolvable for ever. Throws `awaiting-assignment`. */
  demand(): Appointment
  /** What the appointment allows now. Throws `awaiting-assignment`. */
  mandate(): Mandate
  /** What the root last said of the logs: neither is known while there is no appointment. */
  log(): AppointedLogs
}

/** Verdicts under which there is no proof that this provider was ever assigned its code. */
const UNPROVED: ReadonlySet<Verdict> = new Set<Verdict>([
  'malformed',
  'unsupported-version',
  'signature-invalid',
  'chain-invalid',
  'not-recognised',
  'stale',
  'indeterminate',
  'not-assigned',
])

/** What a word is held against. */
export interface WordTrust {
  readonly anchor: PinnedAnchor
  /** This node. */
  readonly entityId: string
  /** The entity that the code was given to, whose name the statement has for ever; most often this node. */
  readonly assignee: string
  readonly at: Date
}

/** Why a word is not believed. */
export interface Disbelief {
  readonly kind: 'disbelieved'
  readonly detail: string
}

/**
 * Believes a word only when evidence for this provider's own code verifies from the pinned key set down, as any
 * stranger would verify it. That the provider is suspended or retired, or that another serves, is believed too: it is
 * the root's word.
 */
export async function verifyWord(word: RootWord, trust: WordTrust): Promise<Appointment | Disbelief> {
  const disbelieve = (detail: string): Disbelief => ({ kind: 'disbelieved', detail })
  const statement = readSubordinateStatement(word.statement)
  if (statement.kind === 'rejected') return disbelieve(`statement: ${statement.detail}`)
  const { sub, exp, metadata } = statement.claims
  if (sub !== trust.assignee) return disbelieve(`the statement is about ${sub}`)
  const { code_prefix: text, tlog, predecessors = [] } = metadata[PROVIDER_ENTITY_TYPE]
  const { entityId: operator } = servingEntity(statement.claims)
  const at = Math.floor(trust.at.getTime() / 1000)
  const assessment = await verifyEvidence({
    code: text,
    bundle: await bundleOf(word),
    anchor: trust.anchor,
    at,
  })
  const verdict = verdictButForLog(assessment)
  if (UNPROVED.has(verdict)) {
    const why = assessment.reasons.map(({ code, detail }) => `${code} (${detail})`).join(', ')
    return disbelieve(`${verdict}: ${why}`)
  }
  const prefix = readRootPrefix(assessment.segments?.prefix ?? '')
  if (typeof prefix !== 'string' || assessment.level !== 'provider')
    return disbelieve(`${text} is not a provider's code prefix`)
  return {
    prefix,
    code: parsePrefix(assessment.code, { prefixes: [prefix] }),
    word,
    verdict,
    servedBy: operator === trust.entityId ? undefined : operator,
    predecessors: predecessors.map(({ entity_id: entityId, from, until }) => ({ entityId, from, until })),
    statementExpiresAt: exp,
    verifiedAt: trust.at,
    logs: { own: tlog, root: rootLogOf(word) },
  }
}

/** The chain was verified up to the configuration that this is read from. */
function rootLogOf({ root_configuration: configuration }: RootWord): LogMetadata | undefined {
  const read = readEntityConfiguration(configuration)
  return read.kind === 'read' ? read.claims.metadata.agent_code_root?.tlog : undefined
}

/**
 * Codes may be assigned while the root's last word was good and the statement in it has not expired. That a status
 * token grew old while the root was down does not stop a provider. Nothing is assigned by two at once: who is not the
 * one that the root names assigns nothing.
 */
export function mandateOf({ code, verdict, servedBy, statementExpiresAt }: Appointment, now: Date): Mandate {
  const { provider } = code
  const ended = verdict === 'provider-suspended' || verdict === 'provider-retired' ? verdict : undefined
  if (servedBy !== undefined)
    return { provider, lapse: `The root says that ${servedBy} serves ${code.text}`, ended }
  if (isGood(verdict) && now.getTime() / 1000 < statementExpiresAt) return { provider, lapse: undefined }
  return { provider, lapse: `The root's last word for ${code.text} is ${verdict}, or has expired`, ended }
}

/**
 * True where a word takes back that the provider was retired: nobody can, so it is not a newer word, whatever its date.
 */
export function takesBackRetirement(
  known: Pick<Appointment, 'verdict'> | undefined,
  next: Pick<Appointment, 'verdict'>,
): boolean {
  return known?.verdict === 'provider-retired' && next.verdict !== 'provider-retired'
}
