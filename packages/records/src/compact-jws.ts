import { parseStrictJson, StrictJsonError } from '@arc3088/strict-json'

import { decodeBase64url, encodeBase64url } from './base64url.ts'
import type { PublicJwk } from './jwk.ts'
import { importPublicJwk } from './jwk.ts'
import { TYP } from './media-type.ts'
import type { Signer } from './signer.ts'
import type { CompactJws, Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Largest statement or record read (wire format, outbound fetches). */
export const STATEMENT_BYTES_MAX = 65_536

/** Both curves give 64 raw bytes (RFC 7518 §3.4, RFC 8037 §3.1). */
const SIGNATURE_BYTES = 64
const HEADER_MEMBERS = ['alg', 'kid', 'typ'] as const
/** OpenID Federation 1.0 section 4.3: a chain beside the key, which only resolve responses may bear (W0). */
const TRUST_CHAIN = 'trust_chain'
const TRUST_CHAIN_LENGTH_MAX = 8
const ALGS = ['ES256', 'Ed25519', 'EdDSA'] as const

/** The protected header: exactly these members (W0). `EdDSA` is read, never written. */
export interface ProtectedHeader {
  readonly alg: (typeof ALGS)[number]
  readonly kid: string
  readonly typ: string
}

/** One signature with what it covers, decoded, not yet verified. */
export interface SignedPart {
  readonly header: ProtectedHeader
  readonly signingInput: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

export interface DecodedJws extends SignedPart {
  readonly kind: 'decoded'
  readonly claims: unknown
  readonly jws: CompactJws
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes one base64url part that holds JSON. */
export function decodeJsonPart(part: string): { kind: 'json'; value: unknown } | Rejected {
  const bytes = decodeBase64url(part)
  if (bytes === undefined) return rejected('base64url-not-canonical', 'a part does not re-encode to itself')
  try {
    return { kind: 'json', value: parseStrictJson(decoder.decode(bytes)) }
  } catch (error) {
    if (error instanceof StrictJsonError) return rejected(error.fault, error.message)
    if (error instanceof TypeError) return rejected('json-invalid', 'a part is not UTF-8')
    throw error
  }
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return values.some((each) => each === value)
}

function isTrustChain(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= TRUST_CHAIN_LENGTH_MAX &&
    value.every((each) => typeof each === 'string')
  )
}

function readHeader(value: unknown, typ: string): { kind: 'header'; header: ProtectedHeader } | Rejected {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return rejected('json-invalid', 'the protected header is not an object')
  }
  const members = new Map(Object.entries(value))
  if (members.has('crit')) return rejected('crit-unknown', 'no critical header extension is understood')
  for (const [name, member] of members) {
    if (name === TRUST_CHAIN && typ === TYP.resolveResponse && isTrustChain(member)) continue
    if (!isOneOf(HEADER_MEMBERS, name)) {
      return rejected(
        'header-member-unknown',
        `the header has ${JSON.stringify(name)}, not only alg, kid and typ`,
      )
    }
  }
  const alg: unknown = members.get('alg')
  const kid: unknown = members.get('kid')
  if (typeof kid !== 'string' || alg === undefined || !members.has('typ')) {
    return rejected('header-member-missing', 'the header needs alg, kid and typ')
  }
  if (members.get('typ') !== typ) return rejected('typ-wrong', `typ is not ${typ}`)
  if (!isOneOf(ALGS, alg)) return rejected('alg-unsupported', 'alg is neither ES256 nor Ed25519')
  return { kind: 'header', header: { alg, kid, typ } }
}

/** Decodes a protected header, a payload already in base64url, and a signature: compact and General JWS alike. */
export function decodeSignedPart(
  {
    protectedPart,
    payloadPart,
    signaturePart,
  }: { protectedPart: string; payloadPart: string; signaturePart: string },
  typ: string,
): ({ readonly kind: 'part' } & SignedPart) | Rejected {
  const headerJson = decodeJsonPart(protectedPart)
  if (headerJson.kind === 'rejected') return headerJson
  const head = readHeader(headerJson.value, typ)
  if (head.kind === 'rejected') return head
  const signature = decodeBase64url(signaturePart)
  if (signature === undefined)
    return rejected('base64url-not-canonical', 'the signature does not re-encode to itself')
  if (signature.length !== SIGNATURE_BYTES)
    return rejected('signature-invalid', 'the signature is not 64 bytes')
  const signingInput = encoder.encode(`${protectedPart}.${payloadPart}`)
  return { kind: 'part', header: head.header, signingInput, signature }
}

/**
 * Takes a compact JWS apart under the rules of W0: size, three canonical parts, header of exactly {alg, kid, typ}
 * with the `typ` asked for, JSON without repeated members. Says nothing about the signature.
 */
export function decodeCompact(
  text: string,
  { typ, bytesMax = STATEMENT_BYTES_MAX }: { typ: string; bytesMax?: number },
): DecodedJws | Rejected {
  if (text.length > bytesMax) return rejected('jws-too-large', `longer than ${bytesMax} bytes`)
  const [protectedPart, payloadPart, signaturePart, ...more] = text.split('.')
  if (
    protectedPart === undefined ||
    payloadPart === undefined ||
    signaturePart === undefined ||
    more.length > 0
  ) {
    return rejected('jws-malformed', 'not three parts')
  }
  const part = decodeSignedPart({ protectedPart, payloadPart, signaturePart }, typ)
  if (part.kind === 'rejected') return part
  const payload = decodeJsonPart(payloadPart)
  if (payload.kind === 'rejected') return payload
  const { header, signingInput, signature } = part
  return { kind: 'decoded', header, claims: payload.value, signingInput, signature, jws: text as CompactJws }
}

/**
 * Checks one signature. The algorithm is the key's own, never the header's choice; the header must merely agree
 * (RFC 8725 §3.1), where `EdDSA` agrees with an Ed25519 key.
 */
export async function verifySignedPart(
  part: SignedPart,
  keys: readonly PublicJwk[],
): Promise<Rejected | undefined> {
  const { alg, kid } = part.header
  const jwk = keys.find((key) => key.kid === kid)
  if (jwk === undefined)
    return rejected('key-unknown', `no key ${kid} among the ${keys.length} that may sign this`)
  if (alg !== jwk.alg && !(alg === 'EdDSA' && jwk.alg === 'Ed25519')) {
    return rejected('key-alg-mismatch', `key ${kid} signs with ${jwk.alg}, not ${alg}`)
  }
  const imported = await importPublicJwk(jwk)
  if (imported.kind === 'refused') return rejected(imported.reason, imported.detail)
  const good = await imported.check(part.signature, part.signingInput)
  return good ? undefined : rejected('signature-invalid', `not signed by key ${kid}`)
}

/** Header parts by key and `typ`: they are the same for every document a key signs. */
const headerParts = new WeakMap<Signer, Map<string, string>>()

/** Protected header part of what `signer` signs as `typ`. */
export function encodeHeader(signer: Signer, typ: string): string {
  const parts = headerParts.get(signer) ?? new Map<string, string>()
  headerParts.set(signer, parts)
  const known = parts.get(typ)
  if (known !== undefined) return known
  const part = encodeBase64url(encoder.encode(JSON.stringify({ alg: signer.alg, kid: signer.kid, typ })))
  parts.set(typ, part)
  return part
}

/** Payload part of `claims`. */
export function encodePayload(claims: object): string {
  return encodeBase64url(encoder.encode(JSON.stringify(claims)))
}

/** Signs `claims` as they stand. Documents of the wire format are signed by their own `sign…`, which checks them. */
export async function signCompact(signer: Signer, typ: string, claims: object): Promise<CompactJws> {
  const signingInput = `${encodeHeader(signer, typ)}.${encodePayload(claims)}`
  const signature = await signer.sign(encoder.encode(signingInput))
  return `${signingInput}.${encodeBase64url(signature)}` as CompactJws
}
