import { z } from 'zod'

import { Base64urlSha256, EntityId, NumericDate } from './claims.ts'
import { verifySignedPart } from './compact-jws.ts'
import { sha256Base64url } from './digest.ts'
import { GeneralJws, decodeGeneral, parseGeneralJws, signGeneral } from './general-jws.ts'
import { KEYS_PER_SET_MAX, PublicJwk } from './jwk.ts'
import { TYP } from './media-type.ts'
import type { Signer } from './signer.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** W1: `exp` at most 400 days after `nbf`. */
export const ROOT_KEY_SET_LIFETIME_SECONDS_MAX = 400 * 86_400

const Keys = z.array(PublicJwk).min(1).max(KEYS_PER_SET_MAX)

/** A root node's key set (W1): what resolvers pin. `root_keys` sign key sets; `keys.federation` sign everything else. */
export const RootKeySet = z.object({
  iss: EntityId,
  seq: z.int().min(1),
  /** {@link rootKeySetHash} of the set before; null in set 1. */
  prev: Base64urlSha256.nullable(),
  threshold: z.int().min(1).max(KEYS_PER_SET_MAX),
  root_keys: Keys,
  keys: z.object({ federation: Keys }),
  nbf: NumericDate,
  exp: NumericDate,
})
export type RootKeySet = z.infer<typeof RootKeySet>

/** A key set as signed: the General JWS as JSON. */
export type RootKeySetJws = GeneralJws
export const RootKeySetJws = GeneralJws

export interface VerifiedRootKeySet {
  readonly kind: 'verified'
  readonly claims: RootKeySet
  readonly jws: RootKeySetJws
}

/** Identity of a key set: base64url SHA-256 of its payload part, the one part all its signatures share. */
export async function rootKeySetHash(jws: RootKeySetJws): Promise<string> {
  return await sha256Base64url(jws.payload)
}

function fault(set: RootKeySet): Rejected | undefined {
  const kids = [...set.root_keys, ...set.keys.federation].map((key) => key.kid)
  if (new Set(kids).size !== kids.length) return rejected('key-repeated', 'a key stands twice in the key set')
  if (set.threshold > set.root_keys.length)
    return rejected('claims-invalid', 'threshold is beyond the root keys')
  if ((set.seq === 1) !== (set.prev === null))
    return rejected('claims-invalid', 'prev is null in set 1 and only there')
  if (set.exp <= set.nbf) return rejected('claims-invalid', 'exp is not after nbf')
  if (set.exp - set.nbf > ROOT_KEY_SET_LIFETIME_SECONDS_MAX) {
    return rejected('lifetime-too-long', 'a key set lives 400 days at most')
  }
  return undefined
}

/** Checks the claims of a key set, which nobody need have signed yet. */
export function shapeRootKeySet(value: unknown): { kind: 'shaped'; claims: RootKeySet } | Rejected {
  const parsed = RootKeySet.safeParse(value)
  if (!parsed.success) return rejected('claims-invalid', z.prettifyError(parsed.error).replaceAll('\n', ' '))
  return fault(parsed.data) ?? { kind: 'shaped', claims: parsed.data }
}

/**
 * Signs a key set: set 1 with its own root keys, a later one with keys of the set before as well.
 *
 * @throws TypeError for claims that are wrong.
 */
export async function signRootKeySet(signers: readonly Signer[], claims: RootKeySet): Promise<RootKeySetJws> {
  const shaped = shapeRootKeySet(claims)
  if (shaped.kind === 'rejected') throw new TypeError(`refusing to sign a key set: ${shaped.detail}`)
  return await signGeneral(signers, TYP.rootKeySet, claims)
}

/** Parses the text of a key set, as `.arc3088/anchor.json` holds it; says nothing about its signatures. */
export function parseRootKeySetJws(text: string): RootKeySetJws | Rejected {
  return parseGeneralJws(text)
}

/** Decodes a key set and checks its shape; says nothing about its signatures. */
export function readRootKeySet(
  value: unknown,
): { kind: 'read'; claims: RootKeySet; jws: RootKeySetJws } | Rejected {
  const decoded = decodeGeneral(value, TYP.rootKeySet)
  if (decoded.kind === 'rejected') return decoded
  const shaped = shapeRootKeySet(decoded.claims)
  return shaped.kind === 'rejected' ? shaped : { kind: 'read', claims: shaped.claims, jws: decoded.jws }
}

async function linkFault(set: RootKeySet, previous: VerifiedRootKeySet): Promise<Rejected | undefined> {
  if (set.iss !== previous.claims.iss) return rejected('succession-broken', 'the set is of another root')
  if (set.seq !== previous.claims.seq + 1) return rejected('succession-broken', 'the set is not the next one')
  if (set.prev !== (await rootKeySetHash(previous.jws))) {
    return rejected('succession-broken', 'prev is not the hash of the set before')
  }
  return undefined
}

/**
 * Verifies a key set. Every signature must be good by itself and by a root key of this set or the one before, and
 * `threshold` of its own root keys must have signed. With `previous`, also: it is the next set of the same root, and
 * the threshold of the set before is met by keys of the set before.
 *
 * Without `previous`, trust in the set comes from pinning alone; of a set after the first, the signatures by keys it
 * does not list are then left to whoever has the set before.
 */
export async function verifyRootKeySet(
  value: unknown,
  previous?: VerifiedRootKeySet,
): Promise<VerifiedRootKeySet | Rejected> {
  const decoded = decodeGeneral(value, TYP.rootKeySet)
  if (decoded.kind === 'rejected') return decoded
  const claimed = RootKeySet.safeParse(decoded.claims)
  const own = claimed.success ? claimed.data.root_keys : []
  const before = previous?.claims.root_keys ?? []
  const pinnedAlone = previous === undefined && claimed.success && claimed.data.seq > 1
  const keys = [...own, ...before]
  for (const part of decoded.parts) {
    if (pinnedAlone && !own.some((key) => key.kid === part.header.kid)) continue
    const bad = await verifySignedPart(part, keys)
    if (bad !== undefined) return bad
  }
  const shaped = shapeRootKeySet(decoded.claims)
  if (shaped.kind === 'rejected') return shaped
  const { claims } = shaped
  const signed = (among: readonly PublicJwk[]) =>
    decoded.parts.filter((part) => among.some((key) => key.kid === part.header.kid)).length
  if (signed(own) < claims.threshold)
    return rejected('threshold-not-met', 'too few of its own root keys signed')
  if (previous !== undefined) {
    const unlinked = await linkFault(claims, previous)
    if (unlinked !== undefined) return unlinked
    if (signed(before) < previous.claims.threshold) {
      return rejected('threshold-not-met', 'too few root keys of the set before signed')
    }
  }
  return { kind: 'verified', claims, jws: decoded.jws }
}
