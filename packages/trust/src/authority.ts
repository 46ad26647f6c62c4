import type { CodePrefix, RootPrefix } from '@arc3088/codec'
import { formatSegment, readPrefix, readRootPrefix } from '@arc3088/codec'
import type {
  EntityConfiguration,
  LogMetadata,
  ProviderAppointment,
  PublicJwk,
  RootMetadata,
  SubordinateStatement,
} from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'

import type { Chain } from './chain.ts'
import { servingEntity } from './chain.ts'
import type { Finding } from './findings.ts'
import { broken } from './findings.ts'

/** Who may sign what below one prefix: the outcome of a sound chain. */
export interface RootAuthority {
  readonly kind: 'root'
  readonly entityId: string
  readonly prefix: RootPrefix
  readonly schemeVersions: readonly string[]
  readonly federationKeys: readonly PublicJwk[]
  readonly issuingKeys: readonly PublicJwk[]
  readonly statusKeys: readonly PublicJwk[]
  /** The root's own log, as it describes it. */
  readonly log?: LogMetadata
}

export interface ProviderAuthority {
  readonly kind: 'provider'
  /** The entity that serves now. */
  readonly entityId: string
  readonly prefix: CodePrefix
  readonly appointment: ProviderAppointment
  readonly statement: SubordinateStatement
  readonly federationKeys: readonly PublicJwk[]
  readonly issuingKeys: readonly PublicJwk[]
  readonly statusKeys: readonly PublicJwk[]
}

/** What the root says of the provider, with or without the provider's own configuration. */
export interface Grant {
  readonly statement: SubordinateStatement
  /** Whoever the code may have been given to: the entity named now, and those before it. */
  readonly assignees: readonly string[]
  /** The prefix granted, once it was compared with the root's own. */
  readonly prefix?: CodePrefix
}

export interface Authorities {
  readonly root?: RootAuthority
  readonly grant?: Grant
  readonly provider?: ProviderAuthority
}

function rootAuthority({ iss, jwks, metadata }: EntityConfiguration): RootAuthority | Finding {
  const root: RootMetadata | undefined = metadata.agent_code_root
  if (root === undefined)
    return broken('metadata-missing', 'the anchor has no agent_code_root and so no prefix', iss)
  const prefix = readRootPrefix(root.code_prefix)
  if (typeof prefix !== 'string') return broken('claims-invalid', 'code_prefix is not a root prefix', iss)
  return {
    kind: 'root',
    entityId: iss,
    prefix,
    schemeVersions: root.scheme_versions,
    federationKeys: jwks.keys,
    issuingKeys: root.issuing_jwks.keys,
    statusKeys: root.status_jwks.keys,
    ...(root.tlog === undefined ? {} : { log: root.tlog }),
  }
}

/** The provider's prefix as the root granted it; it must lie below the root's own. */
function grantedPrefix(statement: SubordinateStatement, root: RootAuthority): CodePrefix | Finding {
  const { code_prefix: text, provider_code: code } = statement.metadata[PROVIDER_ENTITY_TYPE]
  const prefix = readPrefix(text, { prefixes: [root.prefix] })
  if (prefix.kind === 'malformed') {
    return prefix.reason === 'prefix-unknown'
      ? broken('prefix-escape', `${text} is not below ${root.prefix}`, statement.sub)
      : broken('claims-invalid', 'code_prefix of the provider is not a code prefix', statement.sub)
  }
  if (prefix.text !== text || prefix.level !== 'provider' || formatSegment(prefix.provider) !== code) {
    return broken('claims-invalid', 'code_prefix is not the canonical prefix of provider_code', statement.sub)
  }
  return prefix
}

function providerAuthority(
  configuration: EntityConfiguration,
  statement: SubordinateStatement,
  prefix: CodePrefix,
): ProviderAuthority | Finding {
  const own = configuration.metadata[PROVIDER_ENTITY_TYPE]
  if (own === undefined) {
    return broken('metadata-missing', 'the provider has no agent_code_provider', configuration.iss)
  }
  const appointment = statement.metadata[PROVIDER_ENTITY_TYPE]
  // The root's word overrides what the provider says of itself (OpenID Federation 1.0 §6.1.4.2).
  const merged = { ...own, ...appointment }
  return {
    kind: 'provider',
    entityId: configuration.iss,
    prefix,
    appointment,
    statement,
    federationKeys: servingEntity(statement).keys,
    issuingKeys: merged.issuing_jwks.keys,
    statusKeys: merged.status_jwks.keys,
  }
}

function grantOf(statement: SubordinateStatement): Grant {
  const { predecessors = [] } = statement.metadata[PROVIDER_ENTITY_TYPE]
  return { statement, assignees: [statement.sub, ...predecessors.map((each) => each.entity_id)] }
}

/** Who may sign what, according to a chain whose signatures and links were found good. */
export function readAuthorities({ leaf, statement, root }: Chain): Authorities | Finding {
  const anchor = root === undefined ? undefined : rootAuthority(root.claims)
  if (anchor !== undefined && 'verdict' in anchor) return anchor
  if (anchor === undefined) return statement === undefined ? {} : { grant: grantOf(statement.claims) }
  if (statement === undefined) return { root: anchor }
  const prefix = grantedPrefix(statement.claims, anchor)
  if ('verdict' in prefix) return prefix
  const granted = { root: anchor, grant: { ...grantOf(statement.claims), prefix } }
  if (leaf === undefined) return granted
  const provider = providerAuthority(leaf.claims, statement.claims, prefix)
  return 'verdict' in provider ? provider : { ...granted, provider }
}
