import { z } from 'zod'

import { EntityId, Line, NumericDate } from './claims.ts'
import { PublicJwk } from './jwk.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { KeyPurpose } from './signer.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Purposes of the keys that a node itself holds; the root key never comes to a node. */
export const NODE_KEY_PURPOSES = [
  'federation',
  'issuing',
  'status',
  'tlog',
] as const satisfies readonly KeyPurpose[]
export type NodeKeyPurpose = (typeof NODE_KEY_PURPOSES)[number]

/** A node that changed each of its four keys every month for ten years would need fewer. */
export const HISTORICAL_KEYS_MAX = 512
/** Largest key history read: {@link HISTORICAL_KEYS_MAX} entries and some room. */
export const KEY_HISTORY_BYTES_MAX = 524_288

/**
 * One key that signs no more (OpenID Federation 1.0 §8.7.2): the JWK, what it was for, and until when what it signed
 * counts. `exp` is the witnessed instant of the checkpoint that covers its last record; `revoked` says since when it
 * may have been in other hands.
 */
export const HistoricalKey = PublicJwk.and(
  z.object({
    purpose: z.enum(NODE_KEY_PURPOSES),
    /** When it was announced. */
    iat: NumericDate,
    /** When it was first used; absent for a key that never was. */
    nbf: NumericDate.exactOptional(),
    exp: NumericDate,
    revoked: z.object({ revoked_at: NumericDate, reason: Line.exactOptional() }).exactOptional(),
  }),
)
export type HistoricalKey = z.infer<typeof HistoricalKey>

/** The keys that an entity used before, in the order of their announcement (W8; OpenID Federation 1.0 §8.7). */
export const KeyHistory = z.object({
  iss: EntityId,
  iat: NumericDate,
  keys: z.array(HistoricalKey).max(HISTORICAL_KEYS_MAX),
})
export type KeyHistory = z.infer<typeof KeyHistory>

function fault({ keys }: KeyHistory): Rejected | undefined {
  // One entry a key: a key under two purposes would let the leak of one service speak for another.
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) {
    return rejected('key-repeated', 'a key stands twice in the history')
  }
  const early = keys.find(({ iat, nbf }) => nbf !== undefined && nbf < iat)
  return early === undefined
    ? undefined
    : rejected('claims-invalid', `key ${early.kid} was used before it was announced`)
}

const document = defineDocument({
  typ: TYP.keyHistory,
  schema: KeyHistory,
  bytesMax: KEY_HISTORY_BYTES_MAX,
  fault,
})
/** Signed with the entity's federation key. */
export const signKeyHistory = document.sign
export const readKeyHistory = document.read
export const verifyKeyHistory = document.verify

/** Why something signed with a historical key does not count. */
export type HistoricalKeyFault = 'signed-after-retirement' | 'signed-after-compromise'

/**
 * Judges a signature by a historical key from the instant at which a witnessed checkpoint first covers what was
 * signed (W8): within the key's life it stands for ever, later it never counts. The dates inside a record say
 * nothing here: whoever holds a leaked key writes them as he likes.
 */
export function historicalKeyFault(
  { exp, revoked }: Pick<HistoricalKey, 'exp' | 'revoked'>,
  witnessedAt: NumericDate,
): HistoricalKeyFault | undefined {
  if (revoked !== undefined && witnessedAt > revoked.revoked_at) return 'signed-after-compromise'
  return witnessedAt > exp ? 'signed-after-retirement' : undefined
}
