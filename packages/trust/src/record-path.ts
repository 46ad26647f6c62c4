import type { Level, Subject } from '@arc3088/codec'
import { contains } from '@arc3088/codec'
import type { AssignmentRecord } from '@arc3088/records'
import { readAssignmentRecord, subjectOf, verifyAssignmentRecord } from '@arc3088/records'

import type { Authorities, Grant, ProviderAuthority, RootAuthority } from './authority.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'

/** A record whose signature and place were found good. */
export interface TrustedRecord {
  readonly level: Level
  readonly claims: AssignmentRecord
  readonly jws: string
  /** Who signed it and so answers for its status list. */
  readonly authority: 'root' | 'provider'
}

interface PlacedRecord {
  readonly claims: AssignmentRecord
  readonly jws: string
  readonly place: number
}

/** Finds the place of a record on the path from the provider to the subject asked about. */
function placeRecord(
  text: string,
  path: readonly Subject[],
  { root, grant }: Authorities,
): PlacedRecord | Finding {
  const read = readAssignmentRecord(text)
  if (read.kind === 'rejected') return findingOf(read, 'record')
  const { claims, jws } = read
  const place = path.findIndex((each) => each.text === claims.sub)
  if (place >= 0) return { claims, jws, place }
  const subject = subjectOf(claims)
  const isOutside =
    subject === undefined ||
    (root !== undefined && subject.prefix !== root.prefix) ||
    (grant?.prefix !== undefined && !contains(grant.prefix, subject))
  return isOutside
    ? broken('prefix-escape', 'the record is for a code outside the prefix that was granted', claims.sub)
    : broken('sub-wrong', 'the record is for another code than the one asked about', claims.sub)
}

function issuerFault(
  { claims }: PlacedRecord,
  authority: RootAuthority | ProviderAuthority,
  grant: Grant | undefined,
): Finding | undefined {
  if (claims.iss === authority.entityId) return undefined
  if (authority.kind === 'provider' && grant?.assignees.includes(claims.iss) === true) {
    return undecided(
      'predecessor-not-checked',
      `signed by ${claims.iss}, which served before; that needs a log proof, which this version does not check`,
      claims.sub,
    )
  }
  return broken('iss-wrong', `signed by ${claims.iss}; ${authority.entityId} answers for it`, claims.sub)
}

async function verifyPlaced(
  record: PlacedRecord,
  level: Level,
  { root, provider, grant }: Authorities,
): Promise<TrustedRecord | Finding> {
  const { claims, jws } = record
  const authority = level === 'provider' ? root : provider
  if (authority === undefined)
    return undecided('part-missing', 'the statements about its signer are missing', claims.sub)
  const fault = issuerFault(record, authority, grant)
  if (fault !== undefined) return fault
  const verified = await verifyAssignmentRecord(jws, authority.issuingKeys)
  if (verified.kind === 'rejected') return findingOf(verified, claims.sub)
  const { entity_id: entityId } = claims.code_assignment
  if (level === 'provider' && grant?.assignees.includes(entityId ?? '') === false) {
    return broken('entity-mismatch', `the code was given to ${entityId ?? 'nobody'}`, claims.sub)
  }
  return { level, claims, jws, authority: authority.kind }
}

/** Each record's place, or what is wrong with where it stands: on the path, top-down, once. */
function placeRecords(
  texts: readonly string[],
  path: readonly Subject[],
  authorities: Authorities,
): (PlacedRecord | Finding)[] {
  let reached = -1
  return texts.map((text) => {
    const placed = placeRecord(text, path, authorities)
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
 * may assign at its level (W3). Records that are merely absent are named by {@link missingRecords}.
 */
export async function verifyRecords(
  texts: readonly string[],
  path: readonly Subject[],
  authorities: Authorities,
  findings: Findings,
): Promise<readonly TrustedRecord[]> {
  const outcomes = await Promise.all(
    placeRecords(texts, path, authorities).map(async (placed) => {
      if ('verdict' in placed) return { name: 'record', outcome: placed }
      const { level } = placed.claims.code_assignment
      return { name: `record ${level}`, outcome: await verifyPlaced(placed, level, authorities) }
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
export function missingRecords(texts: readonly string[], path: readonly Subject[]): readonly Subject[] {
  const supplied = new Set(
    texts.flatMap((text) => {
      const read = readAssignmentRecord(text)
      return read.kind === 'read' ? [read.claims.sub] : []
    }),
  )
  return path.filter((each) => !supplied.has(each.text))
}
