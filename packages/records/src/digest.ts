import { digestText } from '#sha256'
import canonicalize from 'canonicalize'

/** base64url SHA-256 of the UTF-8 bytes of `text`. */
export async function sha256Base64url(text: string): Promise<string> {
  return await digestText(text)
}

/**
 * Identity of a signed record for logs, dedupe and references: base64url SHA-256 of its signing input
 * `header.payload` (W0). The signature is left out because an ES256 signature can be rewritten into another good one.
 */
export async function recordHash(jws: string): Promise<string> {
  const end = jws.lastIndexOf('.')
  if (end <= 0 || jws.indexOf('.') === end) throw new TypeError('not a compact JWS')
  return await sha256Base64url(jws.slice(0, end))
}

export type Sha256Digest = `sha-256:${string}`

/**
 * `sha-256:` and the base64url SHA-256 of the RFC 8785 (JCS) form of `value`.
 *
 * @throws TypeError for a value that has no JSON form.
 */
export async function jcsDigest(value: unknown): Promise<Sha256Digest> {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('the value has no JSON form')
  return `sha-256:${await sha256Base64url(text)}`
}
