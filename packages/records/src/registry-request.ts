import { z } from 'zod'

import { EntityId, NumericDate } from './claims.ts'
import { jcsDigest } from './digest.ts'
import type { Sha256Digest } from './digest.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** W11: `exp` at most 300 s after `iat`. */
export const REGISTRY_REQUEST_LIFETIME_SECONDS_MAX = 300

const PATH_LENGTH_MAX = 2048

/** A write of one node at another (W11), signed with the caller's federation key. */
export const RegistryRequest = z.object({
  iss: EntityId,
  sub: EntityId,
  /** The one entity that may act on it. */
  aud: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  /** The idempotency key: a retry keeps it, with new times. */
  jti: z.uuidv7(),
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().startsWith('/').max(PATH_LENGTH_MAX),
  body: z.json().exactOptional(),
})
export type RegistryRequest = z.infer<typeof RegistryRequest>

function fault({ iss, sub, iat, exp }: RegistryRequest): Rejected | undefined {
  if (sub !== iss) return rejected('sub-not-iss', 'a request is made in its own name')
  if (exp <= iat) return rejected('claims-invalid', 'exp is not after iat')
  return exp - iat > REGISTRY_REQUEST_LIFETIME_SECONDS_MAX
    ? rejected('lifetime-too-long', 'a request lives 300 seconds at most')
    : undefined
}

const document = defineDocument({ typ: TYP.registryRequest, schema: RegistryRequest, fault })
export const signRegistryRequest = document.sign
export const readRegistryRequest = document.read
export const verifyRegistryRequest = document.verify

/** What two requests with one `jti` must share to be the same request: method, path and body, never the times. */
export async function requestHash({ method, path, body }: RegistryRequest): Promise<Sha256Digest> {
  return await jcsDigest(body === undefined ? { method, path } : { method, path, body })
}
