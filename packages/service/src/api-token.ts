import { createHash, timingSafeEqual } from 'node:crypto'

const ID_BYTES = 16
const SECRET_BYTES = 32
const SHAPE = /^arc3088_([A-Za-z0-9_-]{22})_([A-Za-z0-9_-]{43})$/

/** A bearer token in its two halves: the id finds the row, the secret proves the bearer. */
export interface ApiToken {
  readonly id: string
  readonly secret: string
  /** The whole token as its holder carries it: `arc3088_<id>_<secret>`. Shown once, never stored. */
  readonly text: string
}

/** Makes a token of 128 id bits and 256 secret bits; the prefix lets secret scanners find a leaked one. */
export function mintApiToken(randomBytes: (length: number) => Uint8Array): ApiToken {
  const id = Buffer.from(randomBytes(ID_BYTES)).toString('base64url')
  const secret = Buffer.from(randomBytes(SECRET_BYTES)).toString('base64url')
  return { id, secret, text: `arc3088_${id}_${secret}` }
}

/** Reads a token's halves; undefined for anything else. */
export function readApiToken(text: string): ApiToken | undefined {
  const match = SHAPE.exec(text)
  const [, id, secret] = match ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret, text }
}

/** What the database keeps: SHA-256 is enough, since the secret is 256 random bits. */
export function hashTokenSecret(secret: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest())
}

/** Compares in constant time, so that an answer's time tells nothing of the stored hash. */
export function isTokenSecret(secret: string, storedHash: Uint8Array): boolean {
  const hash = hashTokenSecret(secret)
  return hash.length === storedHash.length && timingSafeEqual(hash, storedHash)
}
