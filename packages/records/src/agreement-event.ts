import { z } from 'zod'

import { AgreementId } from './agreement-terms.ts'
import { Base64urlSha256, EntityId, Line, NumericDate } from './claims.ts'
import { KEYS_PER_SET_MAX, PublicJwkSet } from './jwk.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** What a party does about an agreement that all have signed. */
export const AGREEMENT_EVENTS = ['activate', 'suspend', 'resume', 'terminate', 'key_update'] as const
export type AgreementEventKind = (typeof AGREEMENT_EVENTS)[number]

/** `towards`, where an event is about the party's links to all others. */
export const TOWARDS_ALL = 'all'

/**
 * One act of one party (W9), signed with a federation key that its entry, or its last `key_update`, lists; the chain of
 * a party's own events is `seq` and `prev`. Until a party's `activate` takes effect it recognises nobody under the
 * agreement. Beyond W9, a `key_update` carries `jwks`: the party's federation keys from `effective` on, all of them; and,
 * where they change too, `root_keys_thumbprints`.
 */
export const AgreementEvent = z.object({
  iss: EntityId,
  iat: NumericDate,
  jti: z.uuidv7(),
  /** `jti` of the agreement. */
  agreement: AgreementId,
  agreement_hash: Base64urlSha256,
  towards: z.union([EntityId, z.literal(TOWARDS_ALL)]),
  seq: z.int().min(1),
  /** Hash (W0) of the issuer's event before; null in its first. */
  prev: Base64urlSha256.nullable(),
  event: z.enum(AGREEMENT_EVENTS),
  reason: Line,
  /** From when it holds: at once, or later. */
  effective: NumericDate,
  jwks: PublicJwkSet.exactOptional(),
  root_keys_thumbprints: z.array(Base64urlSha256).min(1).max(KEYS_PER_SET_MAX).exactOptional(),
})
export type AgreementEvent = z.infer<typeof AgreementEvent>

function fault(claims: AgreementEvent): Rejected | undefined {
  const { iss, iat, towards, seq, prev, event, effective, jwks, root_keys_thumbprints: rootKeys } = claims
  const wrong = (detail: string) => rejected('claims-invalid', detail)
  if (effective < iat) return wrong('an event takes effect when it is made, or later')
  if ((seq === 1) !== (prev === null)) return wrong('prev is null in event 1 and only there')
  if (towards === iss) return wrong('an event is towards another party')
  const isWhole = event === 'terminate' || event === 'key_update'
  if (isWhole && towards !== TOWARDS_ALL) return wrong(`${event} is towards all`)
  if ((event === 'key_update') !== (jwks !== undefined))
    return wrong('jwks stands in a key_update and only there')
  return rootKeys !== undefined && event !== 'key_update'
    ? wrong('root_keys_thumbprints stands in a key_update and only there')
    : undefined
}

const document = defineDocument({ typ: TYP.agreementEvent, schema: AgreementEvent, fault })
export const signAgreementEvent = document.sign
export const readAgreementEvent = document.read
export const verifyAgreementEvent = document.verify
