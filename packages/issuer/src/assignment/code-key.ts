import {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  buildCode,
  buildProviderPrefix,
  buildRequesterPrefix,
  type Level,
  type RootPrefix,
  type Subject,
} from '@arc3088/codec'

/**
 * A code as the ledger has it: four segment numbers below the node's own prefix. A level not reached is 0, so
 * an ontology is (p, r, o, 0), a requester (p, r, 0, 0) and a provider (p, 0, 0, 0).
 */
export interface CodeKey {
  readonly provider: number
  readonly requester: number
  readonly ontology: number
  readonly instance: number
}

/** The key of any assignable thing. */
export function codeKeyOf(subject: Subject): CodeKey {
  const { provider, requester } = subject
  return subject.kind === 'code'
    ? { provider, requester, ontology: subject.ontology, instance: subject.instance }
    : { provider, requester, ontology: 0, instance: 0 }
}

/** The thing that a key stands for, below a prefix. Throws RangeError for a key that the ledger would refuse. */
export function subjectOf(key: CodeKey, prefix: RootPrefix): Subject {
  const provider = asProviderNumber(key.provider)
  if (key.requester === 0) return buildProviderPrefix({ prefix, provider })
  const requester = asRequesterNumber(key.requester)
  if (key.ontology === 0) return buildRequesterPrefix({ prefix, provider, requester })
  const ontology = asOntologyNumber(key.ontology)
  return buildCode({ prefix, provider, requester, ontology, instance: asInstanceNumber(key.instance) })
}

/** Puts a number at its level under a parent; levels below stay 0. */
export function childKey(parent: CodeKey, level: Level, number: number): CodeKey {
  return { ...parent, [level]: number }
}

/** The one global order in which rows are written, so that two batches can never wait for each other in a ring. */
export function compareKeys(a: CodeKey, b: CodeKey): number {
  return (
    a.provider - b.provider || a.requester - b.requester || a.ontology - b.ontology || a.instance - b.instance
  )
}

/** A key as text, for sets and maps. */
export function keyText(key: CodeKey): string {
  return `${key.provider}.${key.requester}.${key.ontology}.${key.instance}`
}
