import { decodeBase64, encodeBase64 } from './base64.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { HASH_BYTES, isHash, type Hash } from './leaf-hash.ts'
import { parseNote } from './note.ts'

/** A proof in a tree of fewer than 2^64 leaves has no more (tlog-witness, add-checkpoint). */
export const PROOF_HASHES_MAX = 63
/** Of a hash in base64, padding too. */
const HASH_CHARACTERS = 44

/** One hash a line, each with its newline. Throws for more than 63, and for what is no hash. */
export function formatProofLines(hashes: readonly Hash[]): string {
  if (hashes.length > PROOF_HASHES_MAX || !hashes.every(isHash)) throw new Error('that is no proof')
  // All at once, each followed by a byte of zero: what 33 bytes are written as ends in A where that of 32 has its padding.
  const bytes = new Uint8Array(hashes.length * (HASH_BYTES + 1))
  for (const [at, hash] of hashes.entries()) bytes.set(hash, at * (HASH_BYTES + 1))
  const text = encodeBase64(bytes)
  let lines = ''
  for (let at = 0; at < text.length; at += HASH_CHARACTERS) {
    lines += `${text.slice(at, at + HASH_CHARACTERS - 1)}=\n`
  }
  return lines
}

export function parseProofLines(lines: readonly string[]): Hash[] | undefined {
  if (lines.length > PROOF_HASHES_MAX) return undefined
  const hashes = lines.map(decodeBase64)
  return hashes.every(isHash) ? hashes : undefined
}

/** Cuts at the first empty line into lines and the checkpoint that follows; undefined where that is no signed checkpoint. */
export function splitAtCheckpoint(text: string): { lines: string[]; checkpoint: string } | undefined {
  const split = text.indexOf('\n\n')
  if (split === -1) return undefined
  const checkpoint = text.slice(split + 2)
  return isCheckpointNote(checkpoint) ? { lines: text.slice(0, split).split('\n'), checkpoint } : undefined
}

export function assertCheckpointNote(text: string): void {
  if (!isCheckpointNote(text)) throw new Error('that is no signed checkpoint')
}

function isCheckpointNote(text: string): boolean {
  const note = parseNote(text)
  return note !== undefined && parseCheckpoint(note.body) !== undefined
}
