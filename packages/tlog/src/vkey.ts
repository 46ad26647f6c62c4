import { decodeBase64, encodeBase64 } from './base64.ts'
import { equalBytes } from './leaf-hash.ts'
import { encodeText, isNoteText } from './note-text.ts'
import { sha256 } from '#sha256'

/** 1: Ed25519 over the note, what a log signs with · 4: Ed25519 cosignature/v1, what a witness signs with (signed-note, Signature types). */
export type NoteAlgorithm = 1 | 4
export const LOG_ALGORITHM = 1
export const COSIGNATURE_ALGORITHM = 4

export const KEY_ID_BYTES = 4
export const PUBLIC_KEY_BYTES = 32
/** Of keys we take up; in the lines of a note any name may stand. So that a later format can sign it (tlog-cosignature). */
export const KEY_NAME_BYTES_MAX = 255

/** Whose signature a verifier looks for. `keyId` follows from the rest. */
export interface VerifierKey {
  readonly name: string
  readonly keyId: Uint8Array
  readonly algorithm: NoteAlgorithm
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array
}

/** Throws for a name or a key of the wrong shape. */
export function createVerifierKey(parts: Omit<VerifierKey, 'keyId'>): VerifierKey {
  const { name, algorithm, publicKey } = parts
  if (!isOwnName(name)) throw new Error('a key name has 1 to 255 bytes, no space and no plus')
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new Error('an Ed25519 public key has 32 bytes')
  return { name, algorithm, publicKey, keyId: keyIdOf(parts) }
}

/** Not empty, no Unicode space, no plus, nothing that a note must not contain (signed-note, Format). */
export function isKeyName(name: string): boolean {
  return name.length > 0 && isNoteText(name) && !/[\p{White_Space}+]/u.test(name)
}

function isOwnName(name: string): boolean {
  return isKeyName(name) && encodeText(name).length <= KEY_NAME_BYTES_MAX
}

/** `<name>+<key id in hex>+<base64 of algorithm and public key>` (signed-note, Verifier keys). */
export function formatVkey(key: VerifierKey): string {
  return `${key.name}+${hex(key.keyId)}+${encodeBase64(keyMaterial(key))}`
}

/** Undefined for another algorithm, a key id that is not the key's, and every spelling that `formatVkey` does not write. */
export function parseVkey(text: string): VerifierKey | undefined {
  // A plus may stand in the base64, never in the name.
  const { name, material } = /^(?<name>[^+]+)\+[0-9a-f]{8}\+(?<material>.+)$/u.exec(text)?.groups ?? {}
  if (name === undefined || material === undefined || !isOwnName(name)) return undefined
  const bytes = decodeBase64(material)
  const algorithm = bytes?.[0]
  if (bytes?.length !== 1 + PUBLIC_KEY_BYTES || (algorithm !== 1 && algorithm !== 4)) return undefined
  const key = createVerifierKey({ name, algorithm, publicKey: bytes.slice(1) })
  return formatVkey(key) === text ? key : undefined
}

/** Whether a signature line names this key. The id is short: a match says whose it claims to be, no more. */
export function isKeyOf(
  key: VerifierKey,
  line: { readonly name: string; readonly keyId: Uint8Array },
): boolean {
  return key.name === line.name && equalBytes(key.keyId, line.keyId)
}

/** SHA-256(name || 0x0A || algorithm || public key), the first four bytes (signed-note, Signatures). */
function keyIdOf(key: Omit<VerifierKey, 'keyId'>): Uint8Array {
  const name = encodeText(`${key.name}\n`)
  const material = keyMaterial(key)
  const message = new Uint8Array(name.length + material.length)
  message.set(name)
  message.set(material, name.length)
  return sha256(message).slice(0, KEY_ID_BYTES)
}

function keyMaterial({ algorithm, publicKey }: Omit<VerifierKey, 'keyId'>): Uint8Array {
  return Uint8Array.of(algorithm, ...publicKey)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
