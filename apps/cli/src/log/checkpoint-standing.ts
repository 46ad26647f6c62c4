import type { LogMetadata } from '@arc3088/records'
import { trustedLogOf } from '@arc3088/trust'
import { parseCheckpoint, parseNote, verifyWitnessed, type ParsedCheckpoint } from '@arc3088/tlog'

import { Refusal } from '../failure.ts'

/**
 * What the signatures of a checkpoint are worth. `unwitnessed`: of the log, but not of as many witnesses as its anchor asks
 * for. `unknown`: nobody said whose they should be.
 */
export interface Standing {
  readonly kind: 'verified' | 'unwitnessed' | 'unknown'
  readonly witnesses: readonly string[]
  readonly witnessedAt?: number | undefined
}

/** Reads a checkpoint and judges who signed it. @throws Refusal for one that is none, or is not signed by whom it should be. */
export async function readCheckpoint(
  noteText: string,
  log: LogMetadata | undefined,
): Promise<{ checkpoint: ParsedCheckpoint; standing: Standing }> {
  if (log === undefined) {
    const note = parseNote(noteText)
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note.body)
    if (checkpoint === undefined) throw new Refusal('checkpoint-malformed', 'the checkpoint is none')
    return { checkpoint, standing: { kind: 'unknown', witnesses: [] } }
  }
  const { origin, logKeys, witnesses, quorum } = trustedLogOf(log)
  const verified = await verifyWitnessed({ noteText, origin, logKeys, policy: { witnesses, quorum } })
  // What it says is held against the log all the same; a log may be shown to one reader as to no other.
  const isShort = verified.kind === 'rejected' && verified.reason === 'quorum-missing'
  const settled = isShort
    ? await verifyWitnessed({ noteText, origin, logKeys, policy: { witnesses, quorum: 0 } })
    : verified
  if (settled.kind === 'rejected') throw new Refusal(settled.reason, settled.detail)
  const { checkpoint, witnesses: names, witnessedAt } = settled
  // Of an empty log there is nothing to witness.
  const kind = isShort && checkpoint.size > 0 ? 'unwitnessed' : 'verified'
  return { checkpoint, standing: { kind, witnesses: names, witnessedAt } }
}
