import { z } from 'zod'

import { Base64urlSha256, EntityId, Line, NumericDate } from './claims.ts'
import { PublicJwk } from './jwk.ts'
import { NODE_KEY_PURPOSES } from './key-history.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** What happens to a key: it is made known, it begins to sign, it signed its last, or it is in other hands. */
export const KEY_EVENTS = ['announce', 'activate', 'retire', 'compromise'] as const
export type KeyEvent = (typeof KEY_EVENTS)[number]

/**
 * One change in the life of a key, as it is logged (W8 `endorse`). The entity says it of its own key, signed with its
 * federation key (of a federation key: with the one before it); the root says it again of a provider's key, and
 * `endorses` then names the provider's own document by its hash.
 */
export const KeyEndorsement = z.object({
  iss: EntityId,
  /** The entity whose key it is. */
  sub: EntityId,
  iat: NumericDate,
  jti: z.uuidv7(),
  event: z.enum(KEY_EVENTS),
  purpose: z.enum(NODE_KEY_PURPOSES),
  key: PublicJwk,
  /** `retire`: the last instant at which something it signed may have been witnessed. */
  exp: NumericDate.exactOptional(),
  /** `compromise`: since when it may have been in other hands. */
  revoked_at: NumericDate.exactOptional(),
  reason: Line.exactOptional(),
  endorses: Base64urlSha256.exactOptional(),
})
export type KeyEndorsement = z.infer<typeof KeyEndorsement>

function fault({ iss, sub, iat, event, exp, revoked_at, endorses }: KeyEndorsement): Rejected | undefined {
  if ((event === 'retire') !== (exp !== undefined))
    return rejected('claims-invalid', 'exp stands in a retirement and only there')
  if ((event === 'compromise') !== (revoked_at !== undefined))
    return rejected('claims-invalid', 'revoked_at stands in a compromise and only there')
  // By the clock of the entity itself: that of the root, which says it again, may be behind.
  if (revoked_at !== undefined && iss === sub && revoked_at > iat)
    return rejected('claims-invalid', 'a compromise is told of when it has happened, not before')
  return (iss === sub) === (endorses === undefined)
    ? undefined
    : rejected('claims-invalid', 'endorses stands where another entity confirms the change, and only there')
}

const document = defineDocument({ typ: TYP.keyEndorsement, schema: KeyEndorsement, fault })
export const signKeyEndorsement = document.sign
export const readKeyEndorsement = document.read
export const verifyKeyEndorsement = document.verify
