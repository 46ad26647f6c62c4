import type { IdentityCode, OpaqueCode, Subject } from './identity-code.ts'
import { formatSegment } from './segment-text.ts'

/** The segments of a subject as canonical text; the levels it does not reach are absent. */
export interface CodeSegments {
  readonly prefix: string
  readonly version: string
  readonly provider: string
  readonly requester?: string
  readonly ontology?: string
  readonly instance?: string
}

/** The segments of an identity code, all of them present. */
export type IdentityCodeSegments = Required<CodeSegments>

/** The segments of a subject; joined by dots they are its text again. An opaque code answers those before its serial. */
export function segmentsOf(subject: IdentityCode): IdentityCodeSegments
export function segmentsOf(subject: Subject | OpaqueCode): CodeSegments
export function segmentsOf(subject: Subject | OpaqueCode): CodeSegments {
  const { prefix } = subject
  const version = formatSegment(subject.version)
  const provider = formatSegment(subject.provider)
  if (subject.requester === 0) return { prefix, version, provider }
  const requester = formatSegment(subject.requester)
  if (subject.kind !== 'code') return { prefix, version, provider, requester }
  const ontology = formatSegment(subject.ontology)
  return { prefix, version, provider, requester, ontology, instance: formatSegment(subject.instance) }
}
