import { z } from 'zod'

import { EntityId, Line, LogMetadata, NumericDate, OwnLog, SubjectText, UriTemplate } from './claims.ts'
import { PublicJwkSet } from './jwk.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Lifetime of an entity configuration (W1). */
export const ENTITY_CONFIGURATION_LIFETIME_SECONDS = 86_400

const HINTS_MAX = 8
const CUSTODIES_MAX = 256

/** `metadata.federation_entity` (OpenID Federation 1.0 §5.1.1). */
export const FederationEntityMetadata = z.object({
  organization_name: Line.exactOptional(),
  federation_fetch_endpoint: UriTemplate.exactOptional(),
  federation_list_endpoint: UriTemplate.exactOptional(),
  federation_extended_list_endpoint: UriTemplate.exactOptional(),
  federation_resolve_endpoint: UriTemplate.exactOptional(),
  federation_historical_keys_endpoint: UriTemplate.exactOptional(),
})
export type FederationEntityMetadata = z.infer<typeof FederationEntityMetadata>

/** `metadata.agent_code_root` (W1). */
export const RootMetadata = z.object({
  code_prefix: SubjectText,
  scheme_versions: z.array(z.string().min(1).max(1)).min(1).max(35),
  issuing_jwks: PublicJwkSet,
  status_jwks: PublicJwkSet,
  key_history_uri: UriTemplate.exactOptional(),
  code_resolution_uri: UriTemplate.exactOptional(),
  directory_uri: UriTemplate.exactOptional(),
  recognition_list_uri: UriTemplate.exactOptional(),
  status_list_aggregation_uri: UriTemplate.exactOptional(),
  tlog: LogMetadata.exactOptional(),
})
export type RootMetadata = z.infer<typeof RootMetadata>

/** `metadata.agent_code_provider` as the provider publishes it (W2); the root's statement overrides it. */
export const ProviderMetadata = z.object({
  issuing_jwks: PublicJwkSet,
  status_jwks: PublicJwkSet,
  key_history_uri: UriTemplate.exactOptional(),
  code_resolution_uri: UriTemplate.exactOptional(),
  status_list_aggregation_uri: UriTemplate.exactOptional(),
  tlog: OwnLog.exactOptional(),
  /** Code prefixes of other providers whose custodian it is, or agrees to become when they retire (W2 `operator`). */
  custodian_of: z.array(SubjectText).max(CUSTODIES_MAX).exactOptional(),
})
export type ProviderMetadata = z.infer<typeof ProviderMetadata>

/** What an entity says of itself (W1, W2): self-signed, worth nothing without a statement above it or a pinned key. */
export const EntityConfiguration = z.object({
  iss: EntityId,
  sub: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  /** Federation keys. */
  jwks: PublicJwkSet,
  authority_hints: z.array(EntityId).min(1).max(HINTS_MAX).exactOptional(),
  metadata: z.object({
    federation_entity: FederationEntityMetadata.exactOptional(),
    agent_code_root: RootMetadata.exactOptional(),
    agent_code_provider: ProviderMetadata.exactOptional(),
  }),
})
export type EntityConfiguration = z.infer<typeof EntityConfiguration>

function fault({ iss, sub, iat, exp }: EntityConfiguration): Rejected | undefined {
  if (sub !== iss) return rejected('sub-not-iss', 'an entity configuration is about its issuer')
  return exp > iat ? undefined : rejected('claims-invalid', 'exp is not after iat')
}

const document = defineDocument({ typ: TYP.entityStatement, schema: EntityConfiguration, fault })
export const signEntityConfiguration = document.sign
export const readEntityConfiguration = document.read
/** `keys` are the pinned or endorsed federation keys, or the configuration's own `jwks` to see that it is self-signed. */
export const verifyEntityConfiguration = document.verify
