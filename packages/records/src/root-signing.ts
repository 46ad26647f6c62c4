import { parseStrictJson, StrictJsonError } from '@arc3088/strict-json'
import { z } from 'zod'

import { encodeBase64url } from './base64url.ts'
import { Base64urlSha256, EntityId, NumericDate } from './claims.ts'
import { STATEMENT_BYTES_MAX, decodeJsonPart, encodeHeader, encodePayload } from './compact-jws.ts'
import { jcsDigest } from './digest.ts'
import { GeneralJws } from './general-jws.ts'
import { TYP } from './media-type.ts'
import { readRootKeySet, rootKeySetHash, shapeRootKeySet, type RootKeySet } from './root-key-set.ts'
import { defineDocument } from './signed-document.ts'
import type { Signer } from './signer.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

const REQUEST_TYPE = 'agent-code-root-signing-request'
const SIGNATURE_LENGTH_MAX = 128
const PROTECTED_LENGTH_MAX = 1024

/** 32 random bytes, as base64url: names one ceremony for all time. */
const Nonce = Base64urlSha256

/**
 * What a machine with a network asks of one that has root keys and no network (W1): to sign exactly these claims. It
 * is not signed; `digest` covers all of it, and people compare that by another way than the file takes.
 */
export const RootSigningRequest = z.strictObject({
  type: z.literal(REQUEST_TYPE),
  nonce: Nonce,
  made_at: NumericDate,
  /** The key set in force, whole, so that the signer sees for itself what follows on what; null before set 1. */
  before: GeneralJws.nullable(),
  /** The payload part that is to be signed, byte for byte: the claims of a {@link RootKeySet}. */
  payload: z.string().min(1).max(STATEMENT_BYTES_MAX),
  digest: z.templateLiteral(['sha-256:', Base64urlSha256]),
})
export type RootSigningRequest = z.infer<typeof RootSigningRequest>

/** A request that was read, with what it asks to be signed. */
export interface ReadRootSigningRequest {
  readonly kind: 'read'
  readonly request: RootSigningRequest
  readonly claims: RootKeySet
}

/**
 * Makes a request, with its digest.
 *
 * @throws TypeError for claims that are no key set, or do not follow the one in force.
 */
export async function makeRootSigningRequest(
  asked: Pick<RootSigningRequest, 'nonce' | 'made_at' | 'before'>,
  claims: RootKeySet,
): Promise<RootSigningRequest> {
  const body = { type: REQUEST_TYPE, ...asked, payload: encodePayload(claims) } as const
  const request = { ...body, digest: await jcsDigest(body) }
  const read = await readRootSigningRequest(JSON.stringify(request))
  if (read.kind === 'rejected') throw new TypeError(`not a key set to ask for: ${read.detail}`)
  return request
}

/**
 * Reads the text of a request: whole, unchanged since it was made, and asking for a set that may follow the one in
 * force. Whether that one is the right one, and who may ask, is for whoever holds the key to know.
 */
export async function readRootSigningRequest(text: string): Promise<ReadRootSigningRequest | Rejected> {
  const value = parse(text)
  if (value.kind === 'rejected') return value
  const parsed = RootSigningRequest.safeParse(value.value)
  if (!parsed.success) return rejected('claims-invalid', z.prettifyError(parsed.error).replaceAll('\n', ' '))
  const { digest, ...body } = parsed.data
  if ((await jcsDigest(body)) !== digest)
    return rejected('claims-invalid', 'the digest is not of this request: it was changed on the way')
  const decoded = decodeJsonPart(body.payload)
  if (decoded.kind === 'rejected') return decoded
  const shaped = shapeRootKeySet(decoded.value)
  if (shaped.kind === 'rejected') return shaped
  // A member that the schema does not know would be signed unseen.
  if ((await jcsDigest(decoded.value)) !== (await jcsDigest(shaped.claims)))
    return rejected('claims-invalid', 'the key set says more than is known here')
  const { claims } = shaped
  return (await successionFault(body.before, claims)) ?? { kind: 'read', request: parsed.data, claims }
}

function parse(text: string): { kind: 'json'; value: unknown } | Rejected {
  try {
    return { kind: 'json', value: parseStrictJson(text) }
  } catch (error) {
    if (error instanceof StrictJsonError) return rejected(error.fault, error.message)
    throw error
  }
}

async function successionFault(before: GeneralJws | null, claims: RootKeySet): Promise<Rejected | undefined> {
  const broken = (detail: string) => rejected('succession-broken', detail)
  if (before === null) return claims.seq === 1 ? undefined : broken('a later set names no set before it')
  const read = readRootKeySet(before)
  if (read.kind === 'rejected') return read
  if (claims.iss !== read.claims.iss) return broken('the set is of another root than the one before')
  if (claims.seq !== read.claims.seq + 1) return broken('the set is not the next one')
  return claims.prev === (await rootKeySetHash(before)) ? undefined : broken('prev is not the set before')
}

/** What a root key answers to a request: its signature of the key set, bound to this one request. */
export const RootSigningAnswer = z.object({
  /** The root that the key set is of. */
  iss: EntityId,
  iat: NumericDate,
  nonce: Nonce,
  /** `digest` of the request. */
  request: z.templateLiteral(['sha-256:', Base64urlSha256]),
  signature: z.strictObject({
    protected: z.string().min(1).max(PROTECTED_LENGTH_MAX),
    signature: z.string().min(1).max(SIGNATURE_LENGTH_MAX),
  }),
})
export type RootSigningAnswer = z.infer<typeof RootSigningAnswer>

const document = defineDocument({ typ: TYP.rootSigningAnswer, schema: RootSigningAnswer })
/** Signed with the root key whose signature it carries. */
export const signRootSigningAnswer = document.sign
export const verifyRootSigningAnswer = document.verify

/** One root key's signature of a key set, as it stands in the General JWS. */
export async function signRootKeySetPart(
  signer: Signer,
  payload: string,
): Promise<RootSigningAnswer['signature']> {
  const header = encodeHeader(signer, TYP.rootKeySet)
  const signature = await signer.sign(new TextEncoder().encode(`${header}.${payload}`))
  return { protected: header, signature: encodeBase64url(signature) }
}
