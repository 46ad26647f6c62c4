import { z } from 'zod'

import { EntityId, NumericDate } from './claims.ts'
import { STATEMENT_BYTES_MAX } from './compact-jws.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

const STATEMENTS_MAX = 8
/** The statements of the chain stand in it whole. */
export const RESOLVE_RESPONSE_BYTES_MAX = 4 * STATEMENT_BYTES_MAX

/**
 * What an entity may say of itself after all that stands above it was heard (OpenID Federation 1.0 section 8.3.2): its
 * metadata with the superior's word in force, and the chain that bears it out, from the entity up. It lives no longer
 * than the first of the statements.
 */
export const ResolveResponse = z.object({
  iss: EntityId,
  sub: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  metadata: z.record(z.string(), z.record(z.string(), z.json())),
  trust_chain: z.array(z.string().min(1)).min(1).max(STATEMENTS_MAX),
})
export type ResolveResponse = z.infer<typeof ResolveResponse>

function fault({ iat, exp }: ResolveResponse): Rejected | undefined {
  return exp > iat ? undefined : rejected('claims-invalid', 'exp is not after iat')
}

const document = defineDocument({
  typ: TYP.resolveResponse,
  schema: ResolveResponse,
  bytesMax: RESOLVE_RESPONSE_BYTES_MAX,
  fault,
})
/** Signed with the federation key of whoever resolved. */
export const signResolveResponse = document.sign
export const readResolveResponse = document.read
export const verifyResolveResponse = document.verify
