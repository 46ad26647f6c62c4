import { z } from 'zod'

import { AGREEMENT_EVENTS_OF_ANY_KIND } from './agreement-room.ts'
import { AgreementId, RecognisedPrefixes, RecognitionConstraints, prefixOverlap } from './agreement-terms.ts'
import { Base64urlSha256, EntityId, Line, LogMetadata, NumericDate, WebUri } from './claims.ts'
import { GeneralJws } from './general-jws.ts'
import { KEYS_PER_SET_MAX } from './jwk.ts'
import { TYP } from './media-type.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Lifetime of a list (W10). */
export const RECOGNITION_LIST_LIFETIME_SECONDS = 3600
/** How long a list may be cached (W10): a suspension is known after this at the latest. */
export const RECOGNITION_LIST_TTL_SECONDS = 60
/** Largest list read. */
export const RECOGNITION_LIST_BYTES_MAX = 1_048_576

const ENTRIES_MAX = 256
const KEY_SETS_MAX = 64

/** How the link between the list's root and another stands. */
export const RECOGNITION_STATES = ['in-force', 'suspended', 'terminated', 'expired', 'superseded'] as const
export type RecognitionState = (typeof RECOGNITION_STATES)[number]

/** One recognised root (W10), also after its recognition has ended: its history stays answerable. */
export const RecognitionEntry = z.object({
  code_prefixes: RecognisedPrefixes,
  /** The recognised root. */
  trust_anchor: EntityId,
  territory: Line,
  /** Its key sets (W1), oldest first: the first is what a verifier takes for pinned. */
  root_keys: z.array(GeneralJws).min(1).max(KEY_SETS_MAX),
  /** Of its federation keys, as agreement and key updates list them. */
  jwks_thumbprints: z.array(Base64urlSha256).min(1).max(KEYS_PER_SET_MAX),
  state: z.enum(RECOGNITION_STATES),
  state_since: NumericDate,
  /** When the agreement ends by itself. */
  valid_until: NumericDate,
  agreement: z.object({ jti: AgreementId, uri: WebUri, hash: Base64urlSha256 }),
  constraints: RecognitionConstraints,
  /**
   * Its events that let more through and came late here: `seen` is when the list's root first had the event, and from when
   * it counts. Left out where there are none.
   */
  late_events: z
    .array(z.object({ hash: Base64urlSha256, seen: NumericDate }))
    .min(1)
    .max(AGREEMENT_EVENTS_OF_ANY_KIND)
    .exactOptional(),
  /** Its own log, as far as the list's root witnesses it. */
  tlog: LogMetadata.exactOptional(),
})
export type RecognitionEntry = z.infer<typeof RecognitionEntry>

/** Whom a root recognises (W10). Signed with a federation key; a verifier remembers `seq` and takes no lower one. */
export const RecognitionList = z.object({
  iss: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  /** Seconds. */
  ttl: z.int().min(1).max(RECOGNITION_LIST_LIFETIME_SECONDS),
  seq: z.int().min(1),
  /** Hash (W0) of the list before; null in list 1. */
  prev: Base64urlSha256.nullable(),
  entries: z.array(RecognitionEntry).max(ENTRIES_MAX),
})
export type RecognitionList = z.infer<typeof RecognitionList>

function fault({ iss, iat, exp, seq, prev, entries }: RecognitionList): Rejected | undefined {
  if (exp <= iat) return rejected('claims-invalid', 'exp is not after iat')
  if (exp - iat > RECOGNITION_LIST_LIFETIME_SECONDS)
    return rejected('lifetime-too-long', `a list lives ${RECOGNITION_LIST_LIFETIME_SECONDS} s at most`)
  if ((seq === 1) !== (prev === null))
    return rejected('claims-invalid', 'prev is null in list 1 and only there')
  if (entries.some((entry) => entry.trust_anchor === iss))
    return rejected('claims-invalid', 'a root does not recognise itself')
  const overlap = prefixOverlap(entries.map((entry) => entry.code_prefixes))
  return overlap === undefined ? undefined : rejected('claims-invalid', overlap)
}

const document = defineDocument({
  typ: TYP.recognitionList,
  schema: RecognitionList,
  bytesMax: RECOGNITION_LIST_BYTES_MAX,
  fault,
})
export const signRecognitionList = document.sign
export const readRecognitionList = document.read
export const verifyRecognitionList = document.verify
