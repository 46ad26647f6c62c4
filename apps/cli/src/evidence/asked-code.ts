import { HOME_PREFIX } from '@arc3088/codec'
import {
  readAssignmentRecord,
  readStatusListToken,
  readSubordinateStatement,
  type AssignmentRecord,
  type Rejected,
} from '@arc3088/records'
import { EvidenceBundle } from '@arc3088/trust'

/** Which code a bundle is about, when nobody says. */
export type AskedCode =
  | { readonly kind: 'code'; readonly code: string }
  /** The last record is gone: `standIn` is of its level, and of no meaning but that there is no record of it. */
  | { readonly kind: 'unknown'; readonly below: string; readonly standIn: string }
  | { readonly kind: 'unreadable'; readonly refusal: Rejected }

/**
 * The code that a bundle was made for: that of its last record. Where a status list is of no record and no statement
 * here, the record that it came with is missing, and the code cannot be known. Says nothing about signatures.
 */
export function askedCodeOf(value: unknown): AskedCode {
  const bundle = EvidenceBundle.safeParse(value)
  const records = bundle.success ? bundle.data.records : []
  const last = records.at(-1)
  if (!bundle.success || last === undefined) return unknownBelow(HOME_PREFIX, '1.1')
  const read = readAssignmentRecord(last)
  if (read.kind === 'rejected') return { kind: 'unreadable', refusal: read }
  const { sub } = read.claims
  const standIn = hasStrayStatusList(bundle.data) ? standInBelow(read.claims) : undefined
  return standIn === undefined ? { kind: 'code', code: sub } : { kind: 'unknown', below: sub, standIn }
}

function unknownBelow(below: string, rest: string): AskedCode {
  return { kind: 'unknown', below, standIn: `${below}.${rest}` }
}

function standInBelow({ sub, code_assignment: { level } }: AssignmentRecord): string | undefined {
  switch (level) {
    case 'provider':
      return `${sub}.1`
    case 'requester':
      return `${sub}.1.0`
    case 'ontology':
      return sub.replace(/\.0$/, '.1')
    case 'instance':
      return undefined
  }
}

function hasStrayStatusList({ records, chains, status_list_tokens: tokens }: EvidenceBundle): boolean {
  const referredTo = new Set<string>()
  for (const record of records) {
    const read = readAssignmentRecord(record)
    if (read.kind === 'read') referredTo.add(read.claims.status.status_list.uri)
  }
  for (const statement of chains.flat()) {
    const read = readSubordinateStatement(statement)
    if (read.kind === 'read') referredTo.add(read.claims.status.status_list.uri)
  }
  return tokens.some((token) => {
    const read = readStatusListToken(token)
    return read.kind === 'read' && !referredTo.has(read.claims.sub)
  })
}
