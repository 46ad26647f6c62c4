import type { VerifiedDecision } from '@arc3088/issuer'
import {
  AgreementId,
  Base64urlSha256,
  EntityId,
  jcsDigest,
  NumericDate,
  PublicJwkSet,
  readAgreementPayload,
  RecognitionAgreement,
  sha256Base64url,
} from '@arc3088/records'
import { z } from 'zod'

/** The kinds of the decisions by which this root signs an agreement. */
export const PROPOSE_AGREEMENT = 'agreement:propose'
export const SUPERSEDE_AGREEMENT = 'agreement:supersede'
export const COUNTERSIGN_AGREEMENT = 'agreement:countersign'
export const SIGNING_KINDS = [PROPOSE_AGREEMENT, SUPERSEDE_AGREEMENT, COUNTERSIGN_AGREEMENT] as const

const PAYLOAD_LENGTH_MAX = 65_536
const REASON_LENGTH_MAX = 256

/** What officers decide to sign: the very bytes, their hash, and what they say. */
export const AgreementToSign = z.strictObject({
  hash: Base64urlSha256,
  payload: z.string().min(1).max(PAYLOAD_LENGTH_MAX),
  agreement: RecognitionAgreement,
})
export type AgreementToSign = z.infer<typeof AgreementToSign>

/** What officers decide to say of an agreement: all of an event but its place and its time of making. */
export const EventToSign = z.strictObject({
  agreement: AgreementId,
  agreement_hash: Base64urlSha256,
  event: z.enum(['suspend', 'resume', 'terminate', 'key_update']),
  towards: z.union([EntityId, z.literal('all')]),
  reason: z.string().min(1).max(REASON_LENGTH_MAX),
  /** Null: at once, when it is decided. */
  effective: NumericDate.nullable(),
  jwks: PublicJwkSet.optional(),
  root_keys_thumbprints: z.array(Base64urlSha256).optional(),
})
export type EventToSign = z.infer<typeof EventToSign>

/** Whether the parts of a payload belong together: what the officers read is what is signed. */
export async function isOfOnePiece({ hash, payload, agreement }: AgreementToSign): Promise<boolean> {
  const read = readAgreementPayload(payload)
  if (read.kind === 'rejected' || read.unknown !== undefined) return false
  if ((await sha256Base64url(payload)) !== hash) return false
  return (await jcsDigest(read.claims)) === (await jcsDigest(agreement))
}

/** The hashes of the agreements that officers decided to sign. */
export function signedHashes(decisions: readonly VerifiedDecision[]): ReadonlySet<string> {
  return new Set(
    decisions.flatMap(({ payload }) => {
      const decided = AgreementToSign.safeParse(payload)
      return decided.success ? [decided.data.hash] : []
    }),
  )
}
