import { code, providerPrefix, requesterPrefix } from './build-code.ts'
import type { CodePrefix, IdentityCode, OpaqueCode, Subject } from './identity-code.ts'
import { compareRootPrefixes } from './root-prefix.ts'
import type { InstanceNumber } from './segment.ts'

/** Whether the code names an ontology: its instance is 0 (5.6 c). */
export function isOntology(subject: IdentityCode): boolean {
  return subject.instance === 0
}

/** The code of the ontology that a code belongs to; an ontology's own code is answered as it is. */
export function ontologyOf(subject: IdentityCode): IdentityCode {
  return subject.instance === 0 ? subject : withInstance(subject, 0)
}

/** The code of one instance of the ontology that a code belongs to; instance 0 is the ontology. */
export function instanceOf(subject: IdentityCode, instance: InstanceNumber): IdentityCode {
  return subject.instance === instance ? subject : withInstance(subject, instance)
}

/** The code prefix of the provider that answers for the subject. */
export function providerPrefixOf(subject: Subject | OpaqueCode): CodePrefix {
  if (subject.kind === 'prefix' && subject.level === 'provider') return subject
  return providerPrefix(subject.prefix, subject.version, subject.provider)
}

/** The code prefix of the requester that the subject is or belongs to. @throws RangeError for a provider's prefix, which has none. */
export function requesterPrefixOf(subject: Subject | OpaqueCode): CodePrefix {
  if (subject.requester === 0)
    throw new RangeError(`${subject.text} names a provider, which belongs to no requester`)
  if (subject.kind === 'prefix') return subject
  return requesterPrefix(subject.prefix, subject.version, subject.provider, subject.requester)
}

/** One tier up: instance, ontology, requester, provider, then undefined. */
export function parentOf(subject: Subject): Subject | undefined {
  if (subject.kind === 'code')
    return subject.level === 'instance' ? ontologyOf(subject) : requesterPrefixOf(subject)
  return subject.level === 'requester' ? providerPrefixOf(subject) : undefined
}

/** Whether `inner` is `outer` or lies below it: an ontology contains its instances, a prefix all that begins with it. */
export function contains(outer: Subject, inner: Subject | OpaqueCode): boolean {
  if (outer.provider !== inner.provider || outer.version !== inner.version || outer.prefix !== inner.prefix)
    return false
  if (outer.kind === 'prefix') return outer.requester === 0 || outer.requester === inner.requester
  if (inner.kind !== 'code' || outer.requester !== inner.requester || outer.ontology !== inner.ontology)
    return false
  return outer.instance === 0 || outer.instance === inner.instance
}

/**
 * A total order for sorting: segment by segment as numbers, from the left; what contains comes before what it contains.
 * 0 means the same subject.
 */
export function compareCodes(a: Subject, b: Subject): number {
  return (
    compareRootPrefixes(a.prefix, b.prefix) ||
    a.version - b.version ||
    a.provider - b.provider ||
    a.requester - b.requester ||
    (a.kind === 'code' ? a.ontology : 0) - (b.kind === 'code' ? b.ontology : 0) ||
    (a.kind === 'code' ? a.instance : 0) - (b.kind === 'code' ? b.instance : 0)
  )
}

function withInstance(subject: IdentityCode, instance: number): IdentityCode {
  return code(
    subject.prefix,
    subject.version,
    subject.provider,
    subject.requester,
    subject.ontology,
    instance,
  )
}
