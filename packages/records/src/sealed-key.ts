import { FlattenedEncrypt, errors, flattenedDecrypt } from 'jose'
import { z } from 'zod'

import { parseStrictJson, StrictJsonError } from '@arc3088/strict-json'

import { decodeBase64url } from './base64url.ts'

/** RFC 7518 §4.8.1.2: iterations written. 210 000 of PBKDF2-HMAC-SHA-512 is what OWASP asks for (2023). */
export const SEALED_KEY_ITERATIONS = 210_000
/** Iterations read: fewer are no protection, more let a file stop whoever opens it. */
const ITERATIONS_MIN = 100_000
const ITERATIONS_MAX = 1_000_000
const SALT_BYTES = 16

const ALG = 'PBES2-HS512+A256KW'
const ENC = 'A256GCM'
const CONTENT_TYPE = 'jwk+json'

/** A JWK under a passphrase (RFC 7516 §7.2.2, flattened; RFC 7517 §7): what a key file holds at rest. */
const SealedKeyText = z.strictObject({
  protected: z.string().min(1),
  encrypted_key: z.string().min(1),
  iv: z.string().min(1),
  ciphertext: z.string().min(1),
  tag: z.string().min(1),
})

const SealedHeader = z.strictObject({
  alg: z.literal(ALG),
  enc: z.literal(ENC),
  cty: z.literal(CONTENT_TYPE),
  p2c: z.int().min(ITERATIONS_MIN).max(ITERATIONS_MAX),
  p2s: z.string().min(1),
})

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** True for the text of a sealed key, whatever it was sealed with; a plain JWK is not one. */
export function isSealedKey(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'ciphertext' in value
}

/** Seals the JSON of a private key under a passphrase: PBES2-HS512+A256KW over A256GCM. `salt` is 16 random bytes. */
export async function sealKey(jwk: object, passphrase: string, salt: Uint8Array): Promise<string> {
  if (salt.length !== SALT_BYTES) throw new TypeError(`the salt is ${salt.length} bytes, not ${SALT_BYTES}`)
  const sealed = await new FlattenedEncrypt(encoder.encode(JSON.stringify(jwk)))
    .setProtectedHeader({ alg: ALG, enc: ENC, cty: CONTENT_TYPE })
    .setKeyManagementParameters({ p2c: SEALED_KEY_ITERATIONS, p2s: new Uint8Array(salt) })
    .encrypt(encoder.encode(passphrase))
  return JSON.stringify(SealedKeyText.parse(sealed))
}

/** What opening a sealed key led to. The passphrase cannot be told from a damaged file: both fail to authenticate. */
export type OpenedKey =
  | { readonly kind: 'opened'; readonly jwk: unknown }
  | { readonly kind: 'refused'; readonly why: 'not-sealed-so' | 'passphrase-wrong-or-damaged' }

/** Opens a sealed key. Only our own algorithms are taken, with between 100 000 and 1 000 000 iterations. */
export async function openSealedKey(value: unknown, passphrase: string): Promise<OpenedKey> {
  const text = SealedKeyText.safeParse(value)
  if (!text.success || !hasOurHeader(text.data.protected)) return { kind: 'refused', why: 'not-sealed-so' }
  try {
    const { plaintext } = await flattenedDecrypt(text.data, encoder.encode(passphrase), {
      keyManagementAlgorithms: [ALG],
      contentEncryptionAlgorithms: [ENC],
      maxPBES2Count: ITERATIONS_MAX,
    })
    return { kind: 'opened', jwk: parseStrictJson(decoder.decode(plaintext)) }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof StrictJsonError)
      return { kind: 'refused', why: 'passphrase-wrong-or-damaged' }
    throw error
  }
}

function hasOurHeader(part: string): boolean {
  const bytes = decodeBase64url(part)
  if (bytes === undefined) return false
  try {
    return SealedHeader.safeParse(parseStrictJson(decoder.decode(bytes))).success
  } catch (error) {
    if (error instanceof StrictJsonError || error instanceof TypeError) return false
    throw error
  }
}
