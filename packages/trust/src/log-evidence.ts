import type { Subject } from '@arc3088/codec'
import type { NumericDate } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE, encodeBase64url, historicalKeyFault, isHiddenLogName } from '@arc3088/records'
import { sha256 } from '@arc3088/tlog'

import type { Authorities } from './authority.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, undecided } from './findings.ts'
import type { TrustedAnswer } from './live-answer.ts'
import type { ProofTools } from './log-proof.ts'
import { proofFault, proveEntry } from './log-proof.ts'
import type { ProvenEntry } from './proven-entry.ts'
import type { TrustedRecord } from './record-path.ts'
import { logOf } from './trusted-log.ts'

/** What proofs are held against. */
export interface LogContext {
  readonly path: readonly Subject[]
  readonly authorities: Authorities
  /** Found good; the proofs that they need are among those here or missing. */
  readonly records: readonly TrustedRecord[]
  /** Every record supplied, verbatim, good or not. */
  readonly suppliedRecords: readonly string[]
  readonly answer: TrustedAnswer | undefined
  readonly tools: ProofTools
}

/** Proved entries by the record's text, and what proves that a denied code was assigned. */
export interface LogEvidence {
  readonly proven: ReadonlyMap<string, ProvenEntry>
  /** An assign entry of the very code that the live answer denies. */
  readonly ofDenied?: ProvenEntry
}

const encoder = new TextEncoder()

/** W0: the identity of a record is the SHA-256 of its signing input. Its text has two dots: it was read before. */
function identityOf(jws: string): string {
  return encodeBase64url(sha256(encoder.encode(jws.slice(0, jws.lastIndexOf('.')))))
}

/** The entry must be that of this very record, under its code or under a name that hides it (W8). */
export function assignEntryFault(
  { entry }: ProvenEntry,
  { claims, level }: Pick<TrustedRecord, 'claims' | 'level'>,
  hash: string,
): string | undefined {
  if (entry.t !== 'assign') return `the entry is of kind ${entry.t}`
  if (entry.h !== hash) return 'the entry is that of another record'
  if (entry.i !== claims.iat) return 'the entry is of another instant than the record'
  if (entry.c === claims.sub) return undefined
  // A provider's code is public: there is nobody whose name the log would have to hide.
  if (level === 'provider' || !isHiddenLogName(entry.c)) return 'the entry is for another code'
  // Nor of an organisation: hidden, its code could stand there twice and nobody would see it.
  return claims.code_assignment.requester_kind === 'organization'
    ? 'the entry hides the code of an organisation'
    : undefined
}

async function proveRecord(
  record: TrustedRecord,
  { hash, proof }: { hash: string; proof: string },
  { authorities, tools }: LogContext,
): Promise<ProvenEntry | Finding> {
  const { sub } = record.claims
  const log = logOf(record.authority, authorities)
  if (log === undefined) return undecided('part-not-checked', 'the anchor names no log for its issuer', sub)
  const proven = await proveEntry(proof, log, { tools, subject: sub })
  if ('verdict' in proven) return proven
  const why = assignEntryFault(proven, record, hash)
  return why === undefined ? proven : proofFault('entry-mismatch', why, sub)
}

/**
 * A proof of none of the records has a place in evidence where it shows that a denied code was assigned. As many as
 * records are missing may be theirs: what is missing is no damage.
 */
async function proveDenied(
  { hash, proof, isOfMissing }: { hash: string; proof: string; isOfMissing: boolean },
  { authorities, answer, tools }: LogContext,
): Promise<ProvenEntry | Finding> {
  const stray = isOfMissing
    ? undecided('part-missing', 'the record of the proof is missing', hash)
    : proofFault('entry-mismatch', 'the proof is of no record here', hash)
  if (answer?.claims.result !== 'not_assigned') return stray
  const log = logOf(answer.place === 0 ? 'root' : 'provider', authorities)
  const proven = log === undefined ? stray : await proveEntry(proof, log, { tools, subject: hash })
  if ('verdict' in proven) return proven
  const { t, c, h } = proven.entry
  return t === 'assign' && c === answer.claims.sub && h === hash ? proven : stray
}

function describe({ index, size, origin, witnessedAt }: ProvenEntry): string {
  const witnessed = witnessedAt === undefined ? '' : `, witnessed at ${witnessedAt}`
  return `entry ${index} of ${size} in ${origin}${witnessed}`
}

/**
 * Verifies every log proof supplied (W6, W8), each under the log of its record's issuer. Which records need one is
 * judged apart, with the dates.
 */
export async function verifyLogProofs(
  proofs: Readonly<Record<string, string>>,
  context: LogContext,
  findings: Findings,
): Promise<LogEvidence> {
  if (Object.keys(proofs).length === 0) return { proven: new Map() }
  const byText = new Map(context.records.map((record) => [record.jws, record]))
  const supplied = new Map(context.suppliedRecords.map((jws) => [identityOf(jws), byText.get(jws)]))
  const strays = Object.keys(proofs).filter((hash) => !supplied.has(hash))
  const missing = context.path.length - context.suppliedRecords.length
  const outcomes = await Promise.all(
    Object.entries(proofs).map(async ([hash, proof]) => {
      const record = supplied.get(hash)
      if (record !== undefined) {
        return {
          record,
          name: `log ${record.level}`,
          outcome: await proveRecord(record, { hash, proof }, context),
        }
      }
      const name = 'log proof'
      if (!supplied.has(hash)) {
        const isOfMissing = strays.indexOf(hash) < missing
        return { name, outcome: await proveDenied({ hash, proof, isOfMissing }, context) }
      }
      return { name, outcome: undecided('part-not-checked', 'its record was not found good', hash) }
    }),
  )
  const proven = new Map<string, ProvenEntry>()
  let ofDenied: ProvenEntry | undefined
  for (const { record, name, outcome } of outcomes) {
    if ('verdict' in outcome) {
      findings.fail(name, outcome)
      continue
    }
    findings.pass(name, describe(outcome))
    if (record === undefined) ofDenied = outcome
    else proven.set(record.jws, outcome)
  }
  return { proven, ...(ofDenied === undefined ? {} : { ofDenied }) }
}

function formerKeyFault(
  { claims: { sub }, formerKey }: TrustedRecord,
  proven: ProvenEntry | undefined,
): Finding | undefined {
  if (formerKey === undefined) return undefined
  const { kid, exp, revoked } = formerKey
  const witnessedAt = proven?.witnessedAt
  if (revoked !== undefined) {
    // Whoever holds the key can leave the proof out, so that its absence is no excuse.
    const isBefore = witnessedAt !== undefined && historicalKeyFault(formerKey, witnessedAt) === undefined
    const detail = `signed with key ${kid}, compromised since ${revoked.revoked_at}, and not proved to be older`
    return isBefore ? undefined : broken('key-compromised', detail, sub)
  }
  if (witnessedAt === undefined) {
    return undecided(
      'key-retired-unproved',
      `signed with key ${kid}, retired at ${exp}; no witnessed proof`,
      sub,
    )
  }
  return historicalKeyFault(formerKey, witnessedAt) === undefined
    ? undefined
    : broken('key-retired-unproved', `key ${kid} retired at ${exp}, witnessed at ${witnessedAt}`, sub)
}

function predecessorFault(
  { claims: { sub, iss }, predecessor }: TrustedRecord,
  proven: ProvenEntry | undefined,
): Finding | undefined {
  if (predecessor === undefined) return undefined
  const { from, until } = predecessor
  const witnessedAt = proven?.witnessedAt
  if (witnessedAt === undefined) {
    return undecided('predecessor-unproved', `${iss} served until ${until}; no witnessed proof`, sub)
  }
  return witnessedAt >= from && witnessedAt <= until
    ? undefined
    : broken(
        'predecessor-out-of-term',
        `${iss} served from ${from} until ${until}, not at ${witnessedAt}`,
        sub,
      )
}

/** Since when the provider is retired, where the root says that a custodian's node serves what it left. */
function leftSince({ grant }: Authorities): NumericDate | undefined {
  const { custodian, states = [] } = grant?.statement.metadata[PROVIDER_ENTITY_TYPE] ?? {}
  return custodian === undefined ? undefined : states.findLast(({ state }) => state === 'retired')?.since
}

/**
 * A custodian's node shows what was left to it and adds nothing. It has the log, so that it could date a record of its own
 * back before the retirement; when the log's witnesses saw it, it cannot choose.
 */
function custodianFault(
  { authority, claims: { sub, iss }, predecessor }: TrustedRecord,
  proven: ProvenEntry | undefined,
  retiredAt: NumericDate | undefined,
): Finding | undefined {
  const servedBefore = predecessor !== undefined && retiredAt !== undefined && predecessor.from < retiredAt
  if (retiredAt === undefined || authority !== 'provider' || servedBefore) return undefined
  const witnessedAt = proven?.witnessedAt
  const why = `by ${iss}, and the provider is retired since ${retiredAt}`
  if (witnessedAt === undefined) {
    return undecided('provider-retired-unproved', `${why}; no witnessed proof`, sub)
  }
  return witnessedAt <= retiredAt
    ? undefined
    : broken('provider-retired-unproved', `${why}; witnessed at ${witnessedAt}`, sub)
}

/**
 * Judges records by former keys and former entities, and those by a custodian's node, from when the log's witnesses saw
 * them, never from their own dates.
 */
export function judgeSigners(
  records: readonly TrustedRecord[],
  { authorities, log: { proven } }: { authorities: Authorities; log: LogEvidence },
  findings: Findings,
): void {
  const retiredAt = leftSince(authorities)
  for (const record of records) {
    const proof = proven.get(record.jws)
    for (const fault of [
      predecessorFault(record, proof),
      custodianFault(record, proof, retiredAt),
      formerKeyFault(record, proof),
    ]) {
      if (fault !== undefined) findings.fail(`record ${record.level}`, fault)
    }
  }
}
