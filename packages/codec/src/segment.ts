import type { Branded } from './branded.ts'

/** The four tiers that are numbered below a root and a version (GB/Z 185.2 5.4-5.6). */
export type Level = 'provider' | 'requester' | 'ontology' | 'instance'

/** The segments whose text is one base-36 number. */
export type NumberedSegment = 'version' | Level

/**
 * Where in a text a malformation lies. `code` is the text as a whole, `serial` a segment of an opaque custom serial, `extra`
 * what follows the last segment that the shape allows.
 */
export type SegmentName = 'code' | 'prefix' | NumberedSegment | 'serial' | 'extra'

/** 1..35 (5.3). Only 1 is supported today; see {@link isSupportedVersion}. */
export type SchemeVersion = Branded<number, 'SchemeVersion'>
/** 1..36^6-1 (5.4). Above 36^5-1 the width is disputed; see {@link isProviderWidthDisputed}. */
export type ProviderNumber = Branded<number, 'ProviderNumber'>
/** 1..36^6-1 (5.5). */
export type RequesterNumber = Branded<number, 'RequesterNumber'>
/** 1..36^9-1 (5.6 b). */
export type OntologyNumber = Branded<number, 'OntologyNumber'>
/** 0..36^9-1, 0 being the ontology itself (5.6 c). */
export type InstanceNumber = Branded<number, 'InstanceNumber'>

/** The greatest number of each segment. All are safe integers: 36^9 < 2^47. */
export const MAX = {
  version: 35,
  /** The greatest number the root assigns: safe under both readings of 5.4. */
  provider: 60_466_175,
  /** The greatest number that parses: six symbols, as "about 2 billion" in 5.4 has it. */
  providerParsed: 2_176_782_335,
  requester: 2_176_782_335,
  ontology: 101_559_956_668_415,
  instance: 101_559_956_668_415,
} as const

/** The greatest width of each segment, in symbols. */
export const WIDTH_MAX = { version: 1, provider: 6, requester: 6, ontology: 9, instance: 9 } as const

/** The clause of GB/Z 185.2 that gives each segment its range. */
export const SEGMENT_CLAUSE = {
  version: '5.3',
  provider: '5.4',
  requester: '5.5',
  ontology: '5.6 b',
  instance: '5.6 c',
} as const

/** The version that GB/Z 185.2—2026 defines (5.3). */
export const CURRENT_VERSION = 1 as SchemeVersion

/** Whether this registry gives meaning to codes of that version. Others are well formed, which is a different answer. */
export function isSupportedVersion(version: SchemeVersion): boolean {
  return version === CURRENT_VERSION
}

/** Whether a provider number needs six symbols, which one reading of 5.4 does not allow. The root never assigns such a number. */
export function isProviderWidthDisputed(provider: ProviderNumber): boolean {
  return provider > MAX.provider
}

/** The provider number n. @throws RangeError outside 1..36^6-1. */
export function asProviderNumber(n: number): ProviderNumber {
  return within('provider', n, 1, MAX.providerParsed) as ProviderNumber
}

/** The requester number n. @throws RangeError outside 1..36^6-1. */
export function asRequesterNumber(n: number): RequesterNumber {
  return within('requester', n, 1, MAX.requester) as RequesterNumber
}

/** The ontology number n. @throws RangeError outside 1..36^9-1. */
export function asOntologyNumber(n: number): OntologyNumber {
  return within('ontology', n, 1, MAX.ontology) as OntologyNumber
}

/** The instance number n, 0 being the ontology itself. @throws RangeError outside 0..36^9-1. */
export function asInstanceNumber(n: number): InstanceNumber {
  return within('instance', n, 0, MAX.instance) as InstanceNumber
}

/** The scheme version n. @throws RangeError outside 1..35. */
export function asSchemeVersion(n: number): SchemeVersion {
  return within('version', n, 1, MAX.version) as SchemeVersion
}

function within(segment: NumberedSegment, n: number, low: number, high: number): number {
  if (Number.isInteger(n) && n >= low && n <= high) return n
  throw new RangeError(
    `${segment} number ${n} is not an integer in ${low}..${high} (GB/Z 185.2 ${SEGMENT_CLAUSE[segment]})`,
  )
}
