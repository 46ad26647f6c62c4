import canonicalize from 'canonicalize'
import { z } from 'zod'

import { encodeBase64url } from './base64url.ts'
import { Base64urlSha256, EntityId, Line, NumericDate, Sha256Digest } from './claims.ts'
import { decodeJsonPart, encodeHeader, verifySignedPart } from './compact-jws.ts'
import { jcsDigest, sha256Base64url } from './digest.ts'
import { decodeGeneral, type GeneralJws } from './general-jws.ts'
import { TYP } from './media-type.ts'
import { thresholdOf, type OfficerSet } from './officer-set.ts'
import type { Signer } from './signer.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** What officers sign (W12): that exactly this proposal of this root shall be carried out. The same bytes for each of them. */
export const Decision = z.strictObject({
  iss: EntityId,
  proposal: z.uuidv7(),
  kind: Line,
  /** `sha-256:` of the JCS form of {kind, payload}. */
  hash: Sha256Digest,
  /** Identity (W0) of the officer set whose keys decide. */
  officer_set: Base64urlSha256,
  /** After this the proposal is void, and so is a signature on it. */
  exp: NumericDate,
})
export type Decision = z.infer<typeof Decision>

/** One officer's signature, as it is sent: the two parts that stand in the General JWS. */
export interface DecisionSignature {
  readonly protected: string
  readonly signature: string
}

/** A decision with the keys that signed it. */
export interface VerifiedDecisionJws {
  readonly kind: 'verified'
  readonly claims: Decision
  readonly kids: readonly string[]
}

/** The payload part that every officer signs: the JCS form (RFC 8785), so that each can make it for himself. */
export function formatDecision(claims: Decision): string {
  const text = canonicalize(Decision.parse(claims))
  if (text === undefined) throw new TypeError('a decision has a JSON form')
  return encodeBase64url(new TextEncoder().encode(text))
}

/** Signs a decision with one officer's own key. */
export async function signDecision(signer: Signer, claims: Decision): Promise<DecisionSignature> {
  const header = encodeHeader(signer, TYP.decision)
  const input = new TextEncoder().encode(`${header}.${formatDecision(claims)}`)
  return { protected: header, signature: encodeBase64url(await signer.sign(input)) }
}

/** Identity of a decision in records and in the log: base64url SHA-256 of the payload part, which its signatures share. */
export async function decisionHash(jws: Pick<GeneralJws, 'payload'>): Promise<string> {
  return await sha256Base64url(jws.payload)
}

/**
 * Verifies signatures over a decision: each by itself, each by another key of the set that the decision names. Says
 * nothing about how many there must be; see {@link verifyDecision}.
 */
export async function verifyDecisionSignatures(
  value: unknown,
  set: { readonly claims: OfficerSet; readonly hash: string },
): Promise<VerifiedDecisionJws | Rejected> {
  const decoded = decodeGeneral(value, TYP.decision)
  if (decoded.kind === 'rejected') return decoded
  for (const part of decoded.parts) {
    const bad = await verifySignedPart(part, set.claims.keys)
    if (bad !== undefined) return bad
  }
  const parsed = Decision.safeParse(decoded.claims)
  if (!parsed.success) return rejected('claims-invalid', z.prettifyError(parsed.error).replaceAll('\n', ' '))
  const claims = parsed.data
  if (formatDecision(claims) !== decoded.jws.payload)
    return rejected('claims-invalid', 'the decision is not in its canonical form')
  if (claims.iss !== set.claims.iss) return rejected('claims-invalid', 'the decision is of another root')
  if (claims.officer_set !== set.hash)
    return rejected('claims-invalid', 'the decision is of another officer set')
  return { kind: 'verified', claims, kids: decoded.parts.map(({ header }) => header.kid) }
}

/** As {@link verifyDecisionSignatures}, and as many officers signed as the set demands for this kind of act. */
export async function verifyDecision(
  value: unknown,
  set: { readonly claims: OfficerSet; readonly hash: string },
): Promise<VerifiedDecisionJws | Rejected> {
  const verified = await verifyDecisionSignatures(value, set)
  if (verified.kind === 'rejected') return verified
  const needed = thresholdOf(set.claims, verified.claims.kind)
  return verified.kids.length >= needed
    ? verified
    : rejected('threshold-not-met', `${verified.kids.length} of ${needed} officers signed`)
}

/** A proposal as the desk shows it to an officer. */
export interface ShownProposal {
  readonly id: string
  readonly kind: string
  readonly payload: unknown
  /** What the desk asks to be signed. */
  readonly decision: { readonly payload: string } | null
}

/**
 * Signs a proposal with an officer's own key, after holding what is to be signed against what was shown: the very act, the
 * very payload. A desk that shows one thing and asks for a signature over another gets none.
 */
export async function signShownProposal(
  signer: Signer,
  { id, kind, payload, decision }: ShownProposal,
): Promise<DecisionSignature | Rejected> {
  if (decision === null) return rejected('claims-invalid', 'the proposal was made before officers had keys')
  const decoded = decodeJsonPart(decision.payload)
  if (decoded.kind === 'rejected') return decoded
  const parsed = Decision.safeParse(decoded.value)
  if (!parsed.success) return rejected('claims-invalid', z.prettifyError(parsed.error).replaceAll('\n', ' '))
  const claims = parsed.data
  if (claims.proposal !== id || claims.kind !== kind)
    return rejected('claims-invalid', 'what is to be signed is about another proposal')
  if (claims.hash !== (await jcsDigest({ kind, payload })))
    return rejected('claims-invalid', 'what is to be signed is not what is shown')
  return await signDecision(signer, claims)
}
