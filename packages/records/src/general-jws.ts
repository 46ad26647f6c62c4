import { parseStrictJson, StrictJsonError } from '@arc3088/strict-json'
import { z } from 'zod'

import type { SignedPart } from './compact-jws.ts'
import { STATEMENT_BYTES_MAX, decodeJsonPart, decodeSignedPart } from './compact-jws.ts'
import { encodeBase64url } from './base64url.ts'
import { encodeHeader, encodePayload } from './compact-jws.ts'
import type { Signer } from './signer.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

const SIGNATURES_MAX = 64

/** RFC 7515 §7.2.1, protected headers only: an unprotected `header` is an unknown member and refused. */
export const GeneralJws = z.strictObject({
  payload: z.string().min(1).max(STATEMENT_BYTES_MAX),
  signatures: z
    .array(
      z.strictObject({ protected: z.string().min(1).max(STATEMENT_BYTES_MAX), signature: z.string().min(1) }),
    )
    .min(1)
    .max(SIGNATURES_MAX),
})
export type GeneralJws = z.infer<typeof GeneralJws>

export interface DecodedGeneralJws {
  readonly kind: 'decoded'
  readonly claims: unknown
  readonly parts: readonly SignedPart[]
  readonly jws: GeneralJws
}

/**
 * Takes a General JWS apart under the rules of W0; each key signs at most once. Says nothing about the signatures:
 * each is to be verified by itself, since libraries call a General JWS good when any one signature is.
 */
export function decodeGeneral(value: unknown, typ: string): DecodedGeneralJws | Rejected {
  const shaped = GeneralJws.safeParse(value)
  if (!shaped.success) return rejected('jws-malformed', 'not a General JWS with protected headers only')
  const { payload, signatures } = shaped.data
  const parts: SignedPart[] = []
  for (const each of signatures) {
    const part = decodeSignedPart(
      { protectedPart: each.protected, payloadPart: payload, signaturePart: each.signature },
      typ,
    )
    if (part.kind === 'rejected') return part
    if (parts.some((earlier) => earlier.header.kid === part.header.kid)) {
      return rejected('key-repeated', `key ${part.header.kid} signs twice`)
    }
    parts.push(part)
  }
  const decoded = decodeJsonPart(payload)
  if (decoded.kind === 'rejected') return decoded
  return { kind: 'decoded', claims: decoded.value, parts, jws: shaped.data }
}

/** Parses the text of a General JWS; says nothing about its signatures. */
export function parseGeneralJws(text: string): GeneralJws | Rejected {
  try {
    const parsed = GeneralJws.safeParse(parseStrictJson(text))
    return parsed.success
      ? parsed.data
      : rejected('jws-malformed', 'not a General JWS with protected headers only')
  } catch (error) {
    if (error instanceof StrictJsonError) return rejected(error.fault, error.message)
    throw error
  }
}

/** One signature by each signer over the same payload. */
export async function signGeneral(
  signers: readonly Signer[],
  typ: string,
  claims: object,
): Promise<GeneralJws> {
  const payload = encodePayload(claims)
  const encoder = new TextEncoder()
  const signatures = await Promise.all(
    signers.map(async (signer) => {
      const header = encodeHeader(signer, typ)
      const signature = await signer.sign(encoder.encode(`${header}.${payload}`))
      return { protected: header, signature: encodeBase64url(signature) }
    }),
  )
  return { payload, signatures }
}
