import { encodeBase64url } from './base64url.ts'
import { RecognitionAgreement, agreementFault } from './agreement-terms.ts'
import type { AgreementParty } from './agreement-terms.ts'
import type { SignedPart } from './compact-jws.ts'
import {
  decodeJsonPart,
  decodeSignedPart,
  encodeHeader,
  encodePayload,
  verifySignedPart,
} from './compact-jws.ts'
import { sha256Base64url } from './digest.ts'
import type { GeneralJws } from './general-jws.ts'
import { decodeGeneral } from './general-jws.ts'
import type { PublicJwk } from './jwk.ts'
import { TYP } from './media-type.ts'
import { describeFault, firstUnknownMember } from './signed-document.ts'
import type { Signer } from './signer.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** An agreement as signed so far (W9): General JWS, the payload verbatim, at most one signature for each party. */
export type AgreementJws = GeneralJws
/** One party's signature over the payload. */
export type AgreementPart = GeneralJws['signatures'][number]

/** Which party a signature is of: whoever lists the key that it names. */
export interface AgreementSignature {
  readonly entityId: string
  readonly kid: string
}

/** Terms and signatures in their places; nothing is known about the signatures themselves. */
export interface ReadAgreement {
  readonly kind: 'read'
  readonly claims: RecognitionAgreement
  readonly jws: AgreementJws
  /** {@link agreementHash}. */
  readonly hash: string
  readonly signatures: readonly AgreementSignature[]
  /** Parties that have not signed, in the order of the terms; none of a complete agreement. */
  readonly missing: readonly string[]
}

/** Every signature there is is good; while signatures are collected some parties may be missing. */
export type CheckedAgreement = Omit<ReadAgreement, 'kind'> & { readonly kind: 'checked' }

/** Every party has signed, and every signature is good. */
export type VerifiedAgreement = Omit<ReadAgreement, 'kind'> & { readonly kind: 'verified' }

/** The federation keys of a party that stood in its key set when it signed; none of a party that is not known. */
export type KeysOfParty = (entityId: string) => readonly PublicJwk[]

/** Identity of an agreement: base64url SHA-256 of its payload part, the one part all its signatures share. */
export async function agreementHash(jws: AgreementJws): Promise<string> {
  return await sha256Base64url(jws.payload)
}

function shape(value: unknown): { kind: 'shaped'; claims: RecognitionAgreement } | Rejected {
  const parsed = RecognitionAgreement.safeParse(value)
  if (!parsed.success) return rejected('claims-invalid', describeFault(parsed.error))
  return agreementFault(parsed.data) ?? { kind: 'shaped', claims: parsed.data }
}

/** The terms in a payload part; unknown claims stay in it and are ignored. */
export function readAgreementPayload(
  payload: string,
): { kind: 'shaped'; claims: RecognitionAgreement; unknown: string | undefined } | Rejected {
  const decoded = decodeJsonPart(payload)
  if (decoded.kind === 'rejected') return decoded
  const shaped = shape(decoded.value)
  return shaped.kind === 'rejected'
    ? shaped
    : { ...shaped, unknown: firstUnknownMember(decoded.value, shaped.claims) }
}

/**
 * The payload part of new terms: made once, and signed by every party as it is.
 *
 * @throws TypeError for terms that are wrong or unknown: that is a bug in the caller.
 */
export function agreementPayload(claims: RecognitionAgreement): string {
  const payload = encodePayload(claims)
  const fault = agreementPayloadFault(payload)
  if (fault !== undefined) throw new TypeError(`refusing to propose an agreement: ${fault.detail}`)
  return payload
}

function partyOf(claims: RecognitionAgreement, kid: string): AgreementParty | undefined {
  return claims.parties.find((party) => party.jwks_thumbprints.includes(kid))
}

/**
 * Why terms are not to be signed: wrong, or with members that this version does not know, since nobody signs what it
 * does not understand. With `kid`, also where no party lists that key.
 */
export function agreementPayloadFault(payload: string, kid?: string): Rejected | undefined {
  const read = readAgreementPayload(payload)
  if (read.kind === 'rejected') return read
  if (read.unknown !== undefined) return rejected('claims-invalid', `unknown ${read.unknown}`)
  return kid === undefined || partyOf(read.claims, kid) !== undefined
    ? undefined
    : rejected('key-of-nobody', `no party lists key ${kid}`)
}

/**
 * Signs terms for the party that lists the signer's key.
 *
 * @throws TypeError where {@link agreementPayloadFault} finds a fault.
 */
export async function signAgreementPart(signer: Signer, payload: string): Promise<AgreementPart> {
  const fault = agreementPayloadFault(payload, signer.kid)
  if (fault !== undefined) throw new TypeError(`refusing to sign an agreement: ${fault.detail}`)
  const header = encodeHeader(signer, TYP.agreement)
  const signature = await signer.sign(new TextEncoder().encode(`${header}.${payload}`))
  return { protected: header, signature: encodeBase64url(signature) }
}

/** Whose the signatures are: each of one party, each party once. */
function assignSignatures(
  claims: RecognitionAgreement,
  parts: readonly SignedPart[],
): readonly AgreementSignature[] | Rejected {
  const signatures: AgreementSignature[] = []
  for (const { header } of parts) {
    const party = partyOf(claims, header.kid)
    if (party === undefined) return rejected('key-of-nobody', `no party lists key ${header.kid}`)
    const { entity_id: entityId } = party
    if (signatures.some((each) => each.entityId === entityId))
      return rejected('signer-repeated', `${entityId} signs twice`)
    signatures.push({ entityId, kid: header.kid })
  }
  return signatures
}

interface DecodedAgreement {
  readonly read: ReadAgreement
  readonly parts: readonly SignedPart[]
}

async function decode(value: unknown): Promise<DecodedAgreement | Rejected> {
  const decoded = decodeGeneral(value, TYP.agreement)
  if (decoded.kind === 'rejected') return decoded
  const shaped = shape(decoded.claims)
  if (shaped.kind === 'rejected') return shaped
  const { claims } = shaped
  const signatures = assignSignatures(claims, decoded.parts)
  if ('kind' in signatures) return signatures
  const missing = claims.parties
    .map((party) => party.entity_id)
    .filter((entityId) => !signatures.some((each) => each.entityId === entityId))
  const { jws, parts } = decoded
  const hash = await agreementHash(jws)
  return { read: { kind: 'read', claims, jws, hash, signatures, missing }, parts }
}

/** Takes an agreement apart and checks its terms; says nothing about its signatures but whose they claim to be. */
export async function readAgreement(value: unknown): Promise<ReadAgreement | Rejected> {
  const decoded = await decode(value)
  return 'kind' in decoded ? decoded : decoded.read
}

/** Whether every party has signed. */
export function isComplete({ missing }: Pick<ReadAgreement, 'missing'>): boolean {
  return missing.length === 0
}

async function signatureFault(
  part: SignedPart,
  entityId: string,
  keysOfParty: KeysOfParty,
): Promise<Rejected | undefined> {
  const fault = await verifySignedPart(part, keysOfParty(entityId))
  if (fault?.reason !== 'key-unknown') return fault
  return rejected('key-not-standing', `key ${part.header.kid} did not stand in the key set of ${entityId}`)
}

/**
 * Verifies the signatures that there are, each by itself: by a key that its party's entry lists and that is among
 * `keysOfParty`. Refused, and told apart: a key of nobody (`key-of-nobody`), two signatures by one party
 * (`signer-repeated`), a key that did not stand (`key-not-standing`), a bad signature (`signature-invalid`).
 */
export async function checkAgreement(
  value: unknown,
  keysOfParty: KeysOfParty,
): Promise<CheckedAgreement | Rejected> {
  const decoded = await decode(value)
  if ('kind' in decoded) return decoded
  const { read, parts } = decoded
  for (const part of parts) {
    const signature = read.signatures.find((each) => each.kid === part.header.kid)
    const fault = await signatureFault(part, signature?.entityId ?? '', keysOfParty)
    if (fault !== undefined) return fault
  }
  return { ...read, kind: 'checked' }
}

/** As {@link checkAgreement}, of a complete agreement: where a party is missing, `signature-missing`. */
export async function verifyAgreement(
  value: unknown,
  keysOfParty: KeysOfParty,
): Promise<VerifiedAgreement | Rejected> {
  const checked = await checkAgreement(value, keysOfParty)
  if (checked.kind === 'rejected') return checked
  return isComplete(checked)
    ? { ...checked, kind: 'verified' }
    : rejected('signature-missing', `${checked.missing.join(', ')} did not sign`)
}

/** The agreement with one more signature, in its place; whether the signature is good, {@link checkAgreement} tells. */
export async function addAgreementPart(
  jws: AgreementJws,
  part: AgreementPart,
): Promise<AgreementJws | Rejected> {
  const decoded = decodeSignedPart(
    { protectedPart: part.protected, payloadPart: jws.payload, signaturePart: part.signature },
    TYP.agreement,
  )
  if (decoded.kind === 'rejected') return decoded
  const joined = { payload: jws.payload, signatures: [...jws.signatures, part] }
  const read = await readAgreement(joined)
  return read.kind === 'rejected' ? read : read.jws
}
