import { decodeBase64, encodeBase64 } from './base64.ts'
import { formatDecimal, parseDecimal } from './decimal.ts'
import { EMPTY_ROOT, equalBytes, isHash, type Hash } from './leaf-hash.ts'
import { COSIGNATURE_HEADER, type NoteSigner } from './note-signer.ts'
import { encodeText, isNoteText, NOTE_LENGTH_MAX } from './note-text.ts'
import { signNote } from './note.ts'
import { isKeyName } from './vkey.ts'

/** What a log says of itself: so many leaves, this root (tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  /** At most 2^53 - 1. */
  readonly size: number
  readonly root: Hash
}

/** A checkpoint as others make them: lines we never write, and read past, may follow the root. */
export interface ParsedCheckpoint extends Checkpoint {
  readonly extensionLines: readonly string[]
}

/** So that a cosignature of a later kind, which has one byte for the length, can be made of it (tlog-cosignature). */
export const ORIGIN_BYTES_MAX = 255

/**
 * The body of a note, three lines. Throws for an origin with spaces or plus: tlog-checkpoint only advises against them,
 * but our keys are named like their log.
 */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isOrigin(origin) || !isKeyName(origin)) throw new Error('that cannot be the origin of a log')
  const body = `${origin}\n${formatDecimal(size)}\n${encodeBase64(root)}\n`
  if (parseCheckpoint(body) === undefined) throw new Error('that is the root of no tree')
  return body
}

/** Reads the body of a note; undefined for every other spelling, and where an empty tree has another root than its own. */
export function parseCheckpoint(body: string): ParsedCheckpoint | undefined {
  if (body.length > NOTE_LENGTH_MAX || !body.endsWith('\n') || !isNoteText(body)) return undefined
  const [origin, sizeText, rootText, ...extensionLines] = body.slice(0, -1).split('\n')
  if (origin === undefined || sizeText === undefined || rootText === undefined) return undefined
  const size = parseDecimal(sizeText)
  const root = decodeBase64(rootText)
  if (!isOrigin(origin) || size === undefined || !isHash(root)) return undefined
  if (size === 0 && !equalBytes(root, EMPTY_ROOT)) return undefined
  if (extensionLines.includes('')) return undefined
  return { origin, size, root, extensionLines }
}

/** A note with the log's signature. The caller answers for it that no checkpoint it contradicts was ever signed. */
export async function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): Promise<string> {
  return await signNote(formatCheckpoint(checkpoint), [signer])
}

/** What a checkpoint's first line may be. The header of a cosignature is refused: the two messages must never be one. */
function isOrigin(origin: string): boolean {
  return origin !== '' && origin !== COSIGNATURE_HEADER && encodeText(origin).length <= ORIGIN_BYTES_MAX
}
