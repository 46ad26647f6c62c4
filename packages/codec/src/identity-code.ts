import type { Branded } from './branded.ts'
import type { RootPrefix } from './root-prefix.ts'
import type {
  InstanceNumber,
  OntologyNumber,
  ProviderNumber,
  RequesterNumber,
  SchemeVersion,
} from './segment.ts'

/** The one spelling of an identity code: upper case, nine levels, no leading zeros (GB/Z 185.2 5.1). */
export type CodeText = Branded<string, 'CodeText'>
/** The one spelling of a code prefix: `…1.<provider>` or `…1.<provider>.<requester>`. */
export type PrefixText = Branded<string, 'PrefixText'>
/** The one spelling of a code whose custom serial follows a plan of its provider's own (5.6 a). */
export type OpaqueText = Branded<string, 'OpaqueText'>

/** A code that names an agent: an ontology (instance 0) or an instance of it. */
export interface IdentityCode {
  readonly kind: 'code'
  readonly level: 'ontology' | 'instance'
  readonly text: CodeText
  readonly prefix: RootPrefix
  readonly version: SchemeVersion
  readonly provider: ProviderNumber
  readonly requester: RequesterNumber
  readonly ontology: OntologyNumber
  readonly instance: InstanceNumber
}

/** What codes begin with when one provider, or one requester of a provider, is answerable for them. */
export interface CodePrefix {
  readonly kind: 'prefix'
  readonly level: 'provider' | 'requester'
  readonly text: PrefixText
  readonly prefix: RootPrefix
  readonly version: SchemeVersion
  readonly provider: ProviderNumber
  /** 0 at level provider. */
  readonly requester: RequesterNumber | 0
}

/** What an assignment record can be about. */
export type Subject = IdentityCode | CodePrefix

/** A code of a foreign numbering plan: its custom serial is kept letter by letter, upper-cased, and has no numbers. */
export interface OpaqueCode {
  readonly kind: 'opaque'
  readonly text: OpaqueText
  readonly prefix: RootPrefix
  readonly version: SchemeVersion
  readonly provider: ProviderNumber
  readonly requester: RequesterNumber
  /** One to four segments of 1 to 32 symbols. */
  readonly serial: readonly string[]
  /** The shape departs from the recommendation of 5.6 b and c. */
  readonly departing: true
}

/** Mints a code from parts that were checked. Only the reader and the builders of this package call it. */
export function mintCode(
  text: string,
  prefix: RootPrefix,
  version: number,
  provider: number,
  requester: number,
  ontology: number,
  instance: number,
): IdentityCode {
  return {
    kind: 'code',
    level: instance === 0 ? 'ontology' : 'instance',
    text: text as CodeText,
    prefix,
    version: version as SchemeVersion,
    provider: provider as ProviderNumber,
    requester: requester as RequesterNumber,
    ontology: ontology as OntologyNumber,
    instance: instance as InstanceNumber,
  }
}

/** Mints a code prefix from parts that were checked; requester 0 means level provider. */
export function mintPrefix(
  text: string,
  prefix: RootPrefix,
  version: number,
  provider: number,
  requester: number,
): CodePrefix {
  return {
    kind: 'prefix',
    level: requester === 0 ? 'provider' : 'requester',
    text: text as PrefixText,
    prefix,
    version: version as SchemeVersion,
    provider: provider as ProviderNumber,
    requester: requester as RequesterNumber | 0,
  }
}

/** Mints an opaque code from parts that were checked. */
export function mintOpaque(text: string, head: CodePrefix, serial: readonly string[]): OpaqueCode {
  return {
    kind: 'opaque',
    text: text as OpaqueText,
    prefix: head.prefix,
    version: head.version,
    provider: head.provider,
    requester: head.requester as RequesterNumber,
    serial,
    departing: true,
  }
}
