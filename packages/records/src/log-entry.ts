import { z } from 'zod'

import { encodeBase64url } from './base64url.ts'
import { Base64urlSha256, NumericDate } from './claims.ts'

/** What an entry is about (W8). */
export const LOG_ENTRY_TYPES = [
  'assign',
  'status',
  'describe',
  'bind',
  'endorse',
  'decision',
  'agreement',
  'list',
  'advisory',
] as const
export type LogEntryType = (typeof LOG_ENTRY_TYPES)[number]

/** Longest name in an entry. */
export const LOG_ENTRY_NAME_LENGTH_MAX = 300
/** An entry is at most this many bytes; every one of ours is far shorter. */
export const LOG_ENTRY_BYTES_MAX = 1024
/** Length of a requester's log key K (W8), in bytes. */
export const LOG_KEY_BYTES = 32

const LogEntrySchema = z.strictObject({
  v: z.literal(1),
  t: z.enum(LOG_ENTRY_TYPES),
  /** The code, or its HMAC under the requester's K; see {@link hiddenLogName}. */
  c: z.string().min(1).max(LOG_ENTRY_NAME_LENGTH_MAX),
  /** SHA-256 of the signing input of what was signed (W0), or of what stands in its place. */
  h: Base64urlSha256,
  i: NumericDate,
})

/** One entry of a node's transparency log (W8): what was signed, about which code, when. */
export type LogEntry = z.infer<typeof LogEntrySchema>

/**
 * The bytes of an entry: its JCS form (RFC 8785), which for these five members is plain to write. Codes, hashes and
 * identifiers need no escape that `JSON.stringify` would not write as JCS does.
 */
export function formatLogEntry({ v, t, c, h, i }: LogEntry): string {
  return `{"c":${JSON.stringify(c)},"h":"${h}","i":${i},"t":"${t}","v":${v}}`
}

/** Reads an entry, or `undefined` where the text is none or is spelt in any way but the one of {@link formatLogEntry}. */
export function readLogEntry(text: string): LogEntry | undefined {
  if (text.length > LOG_ENTRY_BYTES_MAX) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const parsed = LogEntrySchema.safeParse(value)
  // One entry, one spelling: otherwise one act could stand in the log twice under two hashes.
  return parsed.success && formatLogEntry(parsed.data) === text ? parsed.data : undefined
}

/**
 * The name under which a code stands in the log where it is not public: base64url HMAC-SHA-256 under the requester's
 * K. An auditor given K can still prove that no code stands twice; erasing K makes the entries mean nothing (W8).
 */
export async function hiddenLogName(key: Uint8Array, code: string): Promise<string> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), hmac, false, ['sign'])
  return encodeBase64url(
    new Uint8Array(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(code))),
  )
}

/** True for a name that does not show its code; see {@link hiddenLogName}. */
export function isHiddenLogName(name: string): boolean {
  return Base64urlSha256.safeParse(name).success
}

/** What a requester's record says of its K (W3 `log_key_digest`): enough to hold a K to it, nothing to learn K from. */
export async function logKeyDigest(key: Uint8Array): Promise<`sha-256:${string}`> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(key))
  return `sha-256:${encodeBase64url(new Uint8Array(digest))}`
}
