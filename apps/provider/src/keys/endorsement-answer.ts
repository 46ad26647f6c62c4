import type { StoredEndorsement } from '@arc3088/issuer'
import {
  readEntityConfiguration,
  readKeyEndorsement,
  recordHash,
  verifyKeyEndorsement,
  type PublicJwk,
} from '@arc3088/records'

/** What the root answered, found to be its word for exactly this document; or why it is not believed. */
export type EndorsementAnswer =
  | { readonly kind: 'endorsed'; readonly confirmation: StoredEndorsement }
  | { readonly kind: 'disbelieved'; readonly detail: string }

/** The federation keys of a root by its configuration, which was verified down from the pinned key set. */
export function federationKeysOf(rootConfiguration: string): readonly PublicJwk[] {
  const read = readEntityConfiguration(rootConfiguration)
  return read.kind === 'read' ? read.claims.jwks.keys : []
}

/** Verifies the root's answer to a document about a key of this provider. */
export async function readEndorsementAnswer(
  text: string,
  asked: StoredEndorsement,
  root: { readonly entityId: string; readonly federationKeys: readonly PublicJwk[] },
): Promise<EndorsementAnswer> {
  const disbelieve = (detail: string): EndorsementAnswer => ({ kind: 'disbelieved', detail })
  const verified = await verifyKeyEndorsement(text, root.federationKeys)
  if (verified.kind === 'rejected') return disbelieve(`${verified.reason}: ${verified.detail}`)
  const { iss, sub, iat, endorses, event, key, purpose } = verified.claims
  const own = readKeyEndorsement(asked.jws)
  if (own.kind === 'rejected') throw new Error(`A stored endorsement is not one: ${own.detail}`)
  const isSame =
    iss === root.entityId &&
    sub === asked.subject &&
    endorses === asked.hash &&
    event === asked.event &&
    key.kid === asked.kid &&
    purpose === own.claims.purpose &&
    verified.claims.exp === own.claims.exp &&
    verified.claims.revoked_at === own.claims.revoked_at
  if (!isSame) return disbelieve('it is not about what was asked')
  return {
    kind: 'endorsed',
    confirmation: {
      hash: await recordHash(text),
      kid: asked.kid,
      issuer: iss,
      subject: sub,
      event,
      endorses: asked.hash,
      jws: text,
      issuedAt: new Date(iat * 1000),
    },
  }
}
