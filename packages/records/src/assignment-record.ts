import type { Level, OpaqueCode, Subject } from '@arc3088/codec'
import { parentOf, readCode, readRootPrefix, readSubject, segmentsOf } from '@arc3088/codec'
import { z } from 'zod'

import { EntityId, Line, NumericDate, Sha256Digest, StatusClaim, SubjectText } from './claims.ts'
import { signCompact } from './compact-jws.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Signer } from './signer.ts'
import type { CompactJws, Rejected } from './verification.ts'
import { rejected } from './verification.ts'

const SEGMENT_LENGTH_MAX = 32
const OPAQUE_SEGMENTS_MAX = 4
const Segment = z.string().min(1).max(SEGMENT_LENGTH_MAX)

/** A legal person as the public record shows it. Natural persons never stand here (W3, M-03). */
export const Organization = z.object({
  name: Line,
  name_en: Line.exactOptional(),
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/),
})
export type Organization = z.infer<typeof Organization>

/** The same as an answer shows it: the maker of contracts takes a member that is `exactOptional` for one that must be there. */
export const ShownOrganization = Organization.extend({ name_en: Line.optional() })

/** What is assigned: the level, and the segments of `sub` one by one (W3). */
export const CodeAssignment = z.object({
  level: z.enum(['provider', 'requester', 'ontology', 'instance']),
  scheme_version: Segment,
  provider: Segment,
  requester: Segment.exactOptional(),
  ontology: Segment.exactOptional(),
  /** `0` at level ontology. */
  instance: Segment.exactOptional(),
  /** Instead of ontology and instance, where a foreign plan has another custom serial. */
  serial: z.array(Segment).min(1).max(OPAQUE_SEGMENTS_MAX).exactOptional(),
  /** The subject one tier up; absent at level provider. */
  parent: SubjectText.exactOptional(),
  supersedes: SubjectText.exactOptional(),
  family: Line.exactOptional(),
  core_profile: Line.exactOptional(),
  core_digest: Sha256Digest.exactOptional(),
  /** Level provider only: the entity that the code was given to. */
  entity_id: EntityId.exactOptional(),
  organization: Organization.exactOptional(),
  /** Level provider only: hash of the decision behind it (W12). */
  decision: Sha256Digest.exactOptional(),
  /** Level requester only. Of a natural person the record says this and nothing else. */
  requester_kind: z.enum(['organization', 'natural-person']).exactOptional(),
  /** Level requester only: commits to the key under which its codes stand in the log (W8). */
  log_key_digest: Sha256Digest.exactOptional(),
})
export type CodeAssignment = z.infer<typeof CodeAssignment>

/** The assignment of one code or code prefix (W3): signed once by the assigner, never re-signed. */
export const AssignmentRecord = z.object({
  iss: EntityId,
  sub: SubjectText,
  iat: NumericDate,
  /** Ephemeral instances only. */
  exp: NumericDate.exactOptional(),
  jti: z.uuidv7(),
  code_assignment: CodeAssignment,
  status: StatusClaim,
})
export type AssignmentRecord = z.infer<typeof AssignmentRecord>

/** The members of `code_assignment` that follow from the subject alone; issuers add the rest. */
export function codeAssignmentOf(subject: Subject): CodeAssignment {
  const { prefix: _, version, ...segments } = segmentsOf(subject)
  const parent = parentOf(subject)
  return {
    level: subject.level,
    scheme_version: version,
    ...segments,
    ...(parent === undefined ? {} : { parent: parent.text }),
  }
}

const NEEDED: Record<Level, readonly (keyof CodeAssignment)[]> = {
  provider: ['entity_id', 'organization'],
  requester: ['requester', 'parent'],
  ontology: ['requester', 'parent'],
  instance: ['requester', 'parent'],
}

const ONLY_AT: readonly (readonly [keyof CodeAssignment, readonly Level[]])[] = [
  ['parent', ['requester', 'ontology', 'instance']],
  ['requester', ['requester', 'ontology', 'instance']],
  ['ontology', ['ontology', 'instance']],
  ['instance', ['ontology', 'instance']],
  ['serial', ['ontology', 'instance']],
  ['entity_id', ['provider']],
  ['decision', ['provider']],
  ['organization', ['provider', 'requester']],
  ['requester_kind', ['requester']],
  ['log_key_digest', ['requester']],
  ['core_profile', ['ontology']],
  ['core_digest', ['ontology']],
]

function memberFault(assignment: CodeAssignment): Rejected | undefined {
  const { level } = assignment
  const missing = NEEDED[level].find((name) => assignment[name] === undefined)
  if (missing !== undefined) return rejected('claims-invalid', `a record of level ${level} needs ${missing}`)
  const stray = ONLY_AT.find(([name, levels]) => assignment[name] !== undefined && !levels.includes(level))
  if (stray !== undefined) return rejected('level-mismatch', `a record of level ${level} has no ${stray[0]}`)
  if (assignment.requester_kind === 'natural-person' && assignment.organization !== undefined) {
    return rejected('claims-invalid', 'the record of a natural person names nobody')
  }
  return undefined
}

/**
 * The subject a record is about, read without knowing any root prefix: what stands in `sub` before the segments that
 * `code_assignment` repeats must be a root prefix, and the whole canonical.
 */
export function subjectOf({ sub, code_assignment }: AssignmentRecord): Subject | OpaqueCode | undefined {
  const { scheme_version, provider, requester, ontology, instance, serial } = code_assignment
  const tail = [scheme_version, provider, requester, ...(serial ?? [ontology, instance])]
  const suffix = tail.filter((segment) => segment !== undefined).map((segment) => `.${segment}`)
  const end = suffix.join('')
  if (!sub.endsWith(end)) return undefined
  const prefix = readRootPrefix(sub.slice(0, -end.length))
  if (typeof prefix !== 'string') return undefined
  const options = { prefixes: [prefix] }
  const subject =
    serial === undefined ? readSubject(sub, options) : readCode(sub, { ...options, customSerial: 'opaque' })
  return subject.kind === 'malformed' || subject.text !== sub ? undefined : subject
}

/** What a schema cannot say of a record: `sub`, level, segments and parent agree (wire format, verification order). */
export function assignmentFault(record: AssignmentRecord): Rejected | undefined {
  const { code_assignment: assignment } = record
  const subject = subjectOf(record)
  if (subject === undefined) {
    return rejected('sub-segments-mismatch', 'the segments are not those of sub, or sub is not canonical')
  }
  const bad = memberFault(assignment)
  if (bad !== undefined) return bad
  if (record.exp !== undefined && (assignment.level !== 'instance' || record.exp <= record.iat)) {
    return rejected('claims-invalid', 'only an ephemeral instance ends, and after it began')
  }
  if (subject.kind === 'opaque') return undefined
  if (subject.level !== assignment.level) {
    return rejected('level-mismatch', `sub is of level ${subject.level}, the record says ${assignment.level}`)
  }
  const parent = parentOf(subject)?.text
  if (assignment.parent !== parent) {
    return rejected('parent-mismatch', `the parent of ${record.sub} is ${parent ?? 'none'}`)
  }
  return undefined
}

const document = defineDocument({
  typ: TYP.assignmentRecord,
  schema: AssignmentRecord,
  fault: assignmentFault,
})
export const signAssignmentRecord = document.sign

/**
 * As {@link signAssignmentRecord}, for claims that were put together from typed parts a moment ago: checks how they
 * hang together, and leaves their types to the compiler. Checking those costs a third of a signature, and a provider
 * signs thousands a second.
 *
 * @throws TypeError for claims that contradict each other.
 */
export async function signMadeAssignmentRecord(
  signer: Signer,
  claims: AssignmentRecord,
): Promise<CompactJws> {
  const fault = assignmentFault(claims)
  if (fault !== undefined) throw new TypeError(`refusing to sign a ${TYP.assignmentRecord}: ${fault.detail}`)
  return await signCompact(signer, TYP.assignmentRecord, claims)
}

export const readAssignmentRecord = document.read
export const verifyAssignmentRecord = document.verify
