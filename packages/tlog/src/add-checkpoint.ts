import { formatDecimal, parseDecimal } from './decimal.ts'
import type { Hash } from './leaf-hash.ts'
import { NOTE_LENGTH_MAX } from './note-text.ts'
import { assertCheckpointNote, formatProofLines, parseProofLines, splitAtCheckpoint } from './proof-lines.ts'

/** What a log asks a witness to cosign (tlog-witness, add-checkpoint). */
export interface AddCheckpoint {
  /** The size that the log believes the witness saw last; 0 if none. */
  readonly oldSize: number
  /** From `oldSize` to the checkpoint's size; empty from 0. */
  readonly proof: readonly Hash[]
  /** The text of a signed note. */
  readonly checkpoint: string
}

/** No request body is longer. */
export const ADD_CHECKPOINT_LENGTH_MAX = NOTE_LENGTH_MAX + 4096

/** Throws for what no witness would read. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  assertCheckpointNote(checkpoint)
  return `old ${formatDecimal(oldSize)}\n${formatProofLines(proof)}\n${checkpoint}`
}

/** Undefined for a body that is not exactly one; whether proof and signatures are right is for the witness to verify. */
export function parseAddCheckpoint(body: string): AddCheckpoint | undefined {
  if (body.length > ADD_CHECKPOINT_LENGTH_MAX) return undefined
  const parts = splitAtCheckpoint(body)
  const [old, ...proofLines] = parts?.lines ?? []
  if (parts === undefined || old?.startsWith('old ') !== true) return undefined
  const oldSize = parseDecimal(old.slice('old '.length))
  const proof = parseProofLines(proofLines)
  if (oldSize === undefined || proof === undefined) return undefined
  return { oldSize, proof, checkpoint: parts.checkpoint }
}
