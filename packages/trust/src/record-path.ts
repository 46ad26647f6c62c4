import type { Level, Subject } from '@arc3088/codec'
import { contains } from '@arc3088/codec'
import type { AssignmentRecord, HistoricalKey, ProviderAppointment } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE, subjectOf } from '@arc3088/records'

import type { Authorities, ProviderAuthority, RootAuthority } from './authority.ts'
import type { DocumentReader } from './document-reader.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'
import type { FormerKeys } from './former-keys.ts'
import { formerIssuingKey } from './former-keys.ts'

/** When an entity that served before did so (W2). */
export type Predecessor = NonNullable<ProviderAppointment['predecessors']>[number]

/** A record whose signature and place were found good. */
export interface TrustedRecord {
  readonly level: Level
  readonly claims: AssignmentRecord
  readonly jws: string
  /** Who signed it and so answers for its status list. */
  readonly authority: 'root' | 'provider'
  /** The key that signed it, where it signs no more; then the record needs a proof from within the key's life. */
  readonly formerKey?: HistoricalKey
  /** The entity that signed it, where it serves no more; then the record needs a proof from within its term. */
  readonly predecessor?: Predecessor
}

interface PlacedRecord {
  readonly claims: AssignmentRecord
  readonly jws: string
  readonly kid: string
  readonly place: number
}

/** What records are verified against. */
export interface RecordContext {
  readonly authorities: Authorities
  readonly histories: readonly FormerKeys[]
  readonly reader: DocumentReader
}

/** Finds the place of a record on the path from the provider to the subject asked about. */
function placeRecord(
  text: string,
  path: readonly Subject[],
  { authorities: { root, grant }, reader }: RecordContext,
): PlacedRecord | Finding {
  const read = reader.records.read(text)
  if (read.kind === 'rejected') return findingOf(read, 'record')
  const { claims, jws, kid } = read
  const place = path.findIndex((each) => each.text === claims.sub)
  if (place >= 0) return { claims, jws, kid, place }
  const subject = subjectOf(claims)
  const isOutside =
    subject === undefined ||
    (root !== undefined && subject.prefix !== root.prefix) ||
    (grant?.prefix !== undefined && !contains(grant.prefix, subject))
  return isOutside
    ? broken('prefix-escape', 'the record is for a code outside the prefix that was granted', claims.sub)
    : broken('sub-wrong', 'the record is for another code than the one asked about', claims.sub)
}

/** The term of whoever signed it, where that is not the entity that serves now. */
function predecessorOf(
  { claims }: PlacedRecord,
  authority: RootAuthority | ProviderAuthority,
  { grant }: Authorities,
): Predecessor | Finding | undefined {
  if (claims.iss === authority.entityId) return undefined
  const predecessors = grant?.statement.metadata[PROVIDER_ENTITY_TYPE].predecessors ?? []
  const predecessor = predecessors.find((each) => each.entity_id === claims.iss)
  if (authority.kind === 'provider' && predecessor !== undefined) return predecessor
  if (authority.kind === 'provider' && grant?.assignees.includes(claims.iss) === true) {
    return undecided('predecessor-unproved', `the root states no term for ${claims.iss}`, claims.sub)
  }
  return broken('iss-wrong', `signed by ${claims.iss}; ${authority.entityId} answers for it`, claims.sub)
}

async function verifyPlaced(
  record: PlacedRecord,
  level: Level,
  { authorities, histories, reader }: RecordContext,
): Promise<TrustedRecord | Finding> {
  const { claims, jws, kid } = record
  const { root, provider, grant } = authorities
  const authority = level === 'provider' ? root : provider
  if (authority === undefined)
    return undecided('part-missing', 'the statements about its signer are missing', claims.sub)
  const predecessor = predecessorOf(record, authority, authorities)
  if (predecessor !== undefined && 'verdict' in predecessor) return predecessor
  // A history outweighs a key set that still lists the key: what is known to be compromised stays so.
  const formerKey = formerIssuingKey(kid, [authority.entityId, claims.iss], histories)
  if (
    predecessor !== undefined &&
    formerKey === undefined &&
    !authority.issuingKeys.some((key) => key.kid === kid)
  ) {
    return undecided('part-missing', `the key history of ${claims.iss} is missing`, claims.sub)
  }
  const keys = formerKey === undefined ? authority.issuingKeys : [formerKey]
  const fault = await reader.records.signatureFault(record, keys)
  if (fault !== undefined) return findingOf(fault, claims.sub)
  const { entity_id: entityId } = claims.code_assignment
  if (level === 'provider' && grant?.assignees.includes(entityId ?? '') === false) {
    return broken('entity-mismatch', `the code was given to ${entityId ?? 'nobody'}`, claims.sub)
  }
  return {
    level,
    claims,
    jws,
    authority: authority.kind,
    ...(formerKey === undefined ? {} : { formerKey }),
    ...(predecessor === undefined ? {} : { predecessor }),
  }
}

/** Each record's place, or what is wrong with where it stands: on the path, top-down, once. */
function placeRecords(
  texts: readonly string[],
  path: readonly Subject[],
  context: RecordContext,
): (PlacedRecord | Finding)[] {
  let reached = -1
  return texts.map((text) => {
    const placed = placeRecord(text, path, context)
    if ('verdict' in placed) return placed
    if (placed.place <= reached) {
      const code = placed.place === reached ? 'record-repeated' : 'record-out-of-order'
      return broken(code, 'records run from the provider down, each once', placed.claims.sub)
    }
    reached = placed.place
    return placed
  })
}

/**
 * Verifies the records top-down: each on the path, once, in order, signed with an issuing key of the one entity that
 * may assign at its level (W3), now or before. Records that are merely absent are named by {@link missingRecords}.
 */
export async function verifyRecords(
  texts: readonly string[],
  path: readonly Subject[],
  context: RecordContext,
  findings: Findings,
): Promise<readonly TrustedRecord[]> {
  const outcomes = await Promise.all(
    placeRecords(texts, path, context).map(async (placed) => {
      if ('verdict' in placed) return { name: 'record', outcome: placed }
      const { level } = placed.claims.code_assignment
      return { name: `record ${level}`, outcome: await verifyPlaced(placed, level, context) }
    }),
  )
  const trusted: TrustedRecord[] = []
  for (const { name, outcome } of outcomes) {
    if ('verdict' in outcome) {
      findings.fail(name, outcome)
    } else {
      findings.pass(name, `${outcome.claims.sub}, signed by ${outcome.claims.iss}`)
      trusted.push(outcome)
    }
  }
  return trusted
}

/** The subjects of the path down to `last` for which no record was supplied. */
export function missingRecords(
  texts: readonly string[],
  path: readonly Subject[],
  reader: DocumentReader,
): readonly Subject[] {
  const supplied = new Set(
    texts.flatMap((text) => {
      const read = reader.records.read(text)
      return read.kind === 'read' ? [read.claims.sub] : []
    }),
  )
  return path.filter((each) => !supplied.has(each.text))
}
