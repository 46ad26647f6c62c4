import { type CodePrefix, type IdentityCode, mintCode, mintPrefix } from './identity-code.ts'
import type { RootPrefix } from './root-prefix.ts'
import {
  CURRENT_VERSION,
  type InstanceNumber,
  type OntologyNumber,
  type ProviderNumber,
  type RequesterNumber,
} from './segment.ts'
import { formatSegment } from './segment-text.ts'

export interface ProviderPrefixParts {
  readonly prefix: RootPrefix
  readonly provider: ProviderNumber
}

export interface RequesterPrefixParts extends ProviderPrefixParts {
  readonly requester: RequesterNumber
}

export interface CodeParts extends RequesterPrefixParts {
  readonly ontology: OntologyNumber
  /** 0 for the ontology itself (5.6 c). */
  readonly instance: InstanceNumber
}

/** The code prefix of a provider, in the current version. */
export function buildProviderPrefix(parts: ProviderPrefixParts): CodePrefix {
  return providerPrefix(parts.prefix, CURRENT_VERSION, parts.provider)
}

/** The code prefix of a requester, in the current version. */
export function buildRequesterPrefix(parts: RequesterPrefixParts): CodePrefix {
  return requesterPrefix(parts.prefix, CURRENT_VERSION, parts.provider, parts.requester)
}

/** The identity code with these numbers, in the current version: readCode of its text gives an equal code. */
export function buildCode(parts: CodeParts): IdentityCode {
  return code(parts.prefix, CURRENT_VERSION, parts.provider, parts.requester, parts.ontology, parts.instance)
}

/** A provider prefix of any version; for what derives subjects from subjects. */
export function providerPrefix(prefix: RootPrefix, version: number, provider: number): CodePrefix {
  return mintPrefix(
    `${prefix}.${formatSegment(version)}.${formatSegment(provider)}`,
    prefix,
    version,
    provider,
    0,
  )
}

/** A requester prefix of any version. */
export function requesterPrefix(
  prefix: RootPrefix,
  version: number,
  provider: number,
  requester: number,
): CodePrefix {
  const text = `${prefix}.${formatSegment(version)}.${formatSegment(provider)}.${formatSegment(requester)}`
  return mintPrefix(text, prefix, version, provider, requester)
}

/** A code of any version. */
export function code(
  prefix: RootPrefix,
  version: number,
  provider: number,
  requester: number,
  ontology: number,
  instance: number,
): IdentityCode {
  const head = `${prefix}.${formatSegment(version)}.${formatSegment(provider)}.${formatSegment(requester)}`
  const text = `${head}.${formatSegment(ontology)}.${formatSegment(instance)}`
  return mintCode(text, prefix, version, provider, requester, ontology, instance)
}
