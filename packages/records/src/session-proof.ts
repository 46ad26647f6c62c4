import { z } from 'zod'

import { EntityId, NumericDate } from './claims.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import { rejected } from './verification.ts'

/** `exp` at most 60 s after `iat`: it is made when it is sent. */
export const SESSION_PROOF_LIFETIME_SECONDS_MAX = 60

const NONCE = /^[A-Za-z0-9_-]{43}$/

/**
 * What somebody of a desk signs with his own key to begin a session at one node: that he holds the key, now. Its `typ` is
 * no other document's, so that it can stand for no decision, and no decision for it.
 */
export const SessionProof = z.object({
  /** The one node that may take it. */
  aud: EntityId,
  /** The challenge that this node gave. */
  nonce: z.string().regex(NONCE),
  iat: NumericDate,
  exp: NumericDate,
})
export type SessionProof = z.infer<typeof SessionProof>

const document = defineDocument<SessionProof>({
  typ: TYP.sessionProof,
  schema: SessionProof,
  fault({ iat, exp }) {
    if (exp <= iat) return rejected('claims-invalid', 'exp is not after iat')
    return exp - iat > SESSION_PROOF_LIFETIME_SECONDS_MAX
      ? rejected('lifetime-too-long', `a proof lives ${SESSION_PROOF_LIFETIME_SECONDS_MAX} seconds at most`)
      : undefined
  },
})
export const signSessionProof = document.sign
export const readSessionProof = document.read
export const verifySessionProof = document.verify
