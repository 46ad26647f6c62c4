import { z } from 'zod'

import { EntityId, LogMetadata, NumericDate, StatusClaim, SubjectText } from './claims.ts'
import { Base64urlSha256, Line } from './claims.ts'
import { PublicJwkSet } from './jwk.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Lifetime of a subordinate statement; it is re-signed daily (W2). */
export const SUBORDINATE_STATEMENT_LIFETIME_SECONDS = 7 * 86_400

const PREDECESSORS_MAX = 64
/** States of a provider that a statement names at most, the newest of them. */
export const PROVIDER_STATES_MAX = 64
const CHAIN_LENGTH_MAX = 8

/** The entity type of a provider in federation metadata and constraints. */
export const PROVIDER_ENTITY_TYPE = 'agent_code_provider'

const ProviderState = z.enum(['active', 'suspended', 'retired'])

/** What the root says of a provider (W2); overrides whatever the provider says of itself. */
export const ProviderAppointment = z.object({
  provider_code: SubjectText,
  code_prefix: SubjectText,
  territory: Line,
  kind: z.enum(['domestic', 'overseas']),
  state: ProviderState,
  /** Since when it was what, oldest first; of the time before the first, nothing is said. */
  states: z
    .array(z.object({ state: ProviderState, since: NumericDate }))
    .min(1)
    .max(PROVIDER_STATES_MAX)
    .exactOptional(),
  /** The code prefix of the provider whose node, the operator, serves what a retired one left. */
  custodian: SubjectText.exactOptional(),
  /** The entity that serves now, where that is not the one asked about: a new entity id, or a custodian's node. */
  operator: z.object({ entity_id: EntityId, jwks: PublicJwkSet }).exactOptional(),
  predecessors: z
    .array(
      z.object({
        entity_id: EntityId,
        jwks_thumbprints: z.array(Base64urlSha256).min(1).max(PREDECESSORS_MAX),
        from: NumericDate,
        until: NumericDate,
      }),
    )
    .max(PREDECESSORS_MAX)
    .exactOptional(),
  tlog: LogMetadata.exactOptional(),
})
export type ProviderAppointment = z.infer<typeof ProviderAppointment>

/** OpenID Federation 1.0 §6.2, as far as the registry uses it. */
export const ChainConstraints = z.object({
  max_path_length: z.int().min(0).max(CHAIN_LENGTH_MAX),
  allowed_entity_types: z.array(Line).max(CHAIN_LENGTH_MAX),
})
export type ChainConstraints = z.infer<typeof ChainConstraints>

/** Root about provider (W2): its federation keys, its code, its state, and where the statement's own status stands. */
export const SubordinateStatement = z.object({
  iss: EntityId,
  sub: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  /** The provider's federation keys. */
  jwks: PublicJwkSet,
  metadata: z.object({ [PROVIDER_ENTITY_TYPE]: ProviderAppointment }),
  constraints: ChainConstraints,
  status: StatusClaim,
})
export type SubordinateStatement = z.infer<typeof SubordinateStatement>

function fault({ iss, sub, iat, exp }: SubordinateStatement): Rejected | undefined {
  if (sub === iss) return rejected('claims-invalid', 'a subordinate statement is about another entity')
  return exp > iat ? undefined : rejected('claims-invalid', 'exp is not after iat')
}

const document = defineDocument({ typ: TYP.entityStatement, schema: SubordinateStatement, fault })
export const signSubordinateStatement = document.sign
export const readSubordinateStatement = document.read
export const verifySubordinateStatement = document.verify
