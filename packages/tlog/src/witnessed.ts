import { encodeBase64 } from './base64.ts'
import { parseCheckpoint, type ParsedCheckpoint } from './checkpoint.ts'
import { judgeCosignature } from './cosignature.ts'
import { equalBytes } from './leaf-hash.ts'
import { judgeNoteSignature, parseNote, type Note } from './note.ts'
import { LOG_ALGORITHM, type VerifierKey } from './vkey.ts'

/** Whose cosignatures count (keys of algorithm 4), and how many it takes. */
export interface WitnessPolicy {
  readonly witnesses: readonly VerifierKey[]
  readonly quorum: number
}

export interface WitnessedClaim {
  readonly noteText: string
  readonly origin: string
  /** Keys of algorithm 1. One of them must have signed; a signature in the name of any must be right. */
  readonly logKeys: readonly VerifierKey[]
  readonly policy: WitnessPolicy
}

/** Never renamed: they stand in verdicts. */
export type WitnessedFault =
  | 'note-malformed'
  | 'checkpoint-malformed'
  | 'origin-wrong'
  | 'log-signature-missing'
  | 'log-signature-invalid'
  | 'cosignature-invalid'
  | 'quorum-missing'
  | 'policy-invalid'

export interface Rejected<Fault> {
  readonly kind: 'rejected'
  readonly reason: Fault
  readonly detail: string
}

export interface Witnessed {
  readonly kind: 'witnessed'
  readonly checkpoint: ParsedCheckpoint
  /** Seconds since 1970, when the quorum was reached: its last member's time. Undefined where none was asked for. */
  readonly witnessedAt: number | undefined
  /** Names of all that cosigned, those beyond the quorum too, by time. */
  readonly witnesses: readonly string[]
}

/**
 * Whether a log signed the checkpoint and enough witnesses vouch for it. A public key counts once, under whatever names
 * it is listed, a name once, under whatever keys, and no key for the log that signs with it. Lines of unknown keys are not looked at. Never throws.
 */
export async function verifyWitnessed(claim: WitnessedClaim): Promise<Witnessed | Rejected<WitnessedFault>> {
  const { noteText, origin, logKeys, policy } = claim
  if (!Number.isSafeInteger(policy.quorum) || policy.quorum < 0) {
    return rejected('policy-invalid', `${policy.quorum} is no number of witnesses`)
  }
  const note = parseNote(noteText)
  if (note === undefined) return rejected('note-malformed', 'the text is no signed note')
  const checkpoint = parseCheckpoint(note.body)
  if (checkpoint === undefined) return rejected('checkpoint-malformed', 'the note is no checkpoint')
  if (checkpoint.origin !== origin) {
    return rejected('origin-wrong', `the checkpoint is of ${checkpoint.origin}, not of ${origin}`)
  }
  const fault = await logSignatureFault(note, logKeys)
  if (fault !== undefined) return fault

  const cosigned = new Map<string, { name: string; timestamp: number }>()
  for (const witness of policy.witnesses) {
    if (logKeys.some((key) => equalBytes(key.publicKey, witness.publicKey))) continue
    const standing = await judgeCosignature(note, witness)
    if (standing.kind === 'invalid') {
      return rejected('cosignature-invalid', `the cosignature of ${witness.name} is wrong`)
    }
    if (standing.kind === 'absent') continue
    const id = encodeBase64(witness.publicKey)
    const earlier = cosigned.get(id)
    if (earlier !== undefined && earlier.timestamp <= standing.timestamp) continue
    cosigned.set(id, { name: witness.name, timestamp: standing.timestamp })
  }
  const byTime = onceEach([...cosigned.values()].toSorted((a, b) => a.timestamp - b.timestamp))
  if (byTime.length < policy.quorum) {
    return rejected('quorum-missing', `${byTime.length} of ${policy.quorum} witnesses cosigned`)
  }
  return {
    kind: 'witnessed',
    checkpoint,
    witnessedAt: byTime[policy.quorum - 1]?.timestamp,
    witnesses: byTime.map(({ name }) => name),
  }
}

/** A witness that changes its key is listed with both for a while, and is one witness all the same. */
function onceEach<Cosigned extends { name: string }>(byTime: readonly Cosigned[]): Cosigned[] {
  const names = new Set<string>()
  return byTime.filter(({ name }) => names.size < names.add(name).size)
}

async function logSignatureFault(
  note: Note,
  logKeys: readonly VerifierKey[],
): Promise<Rejected<WitnessedFault> | undefined> {
  let signed = false
  for (const key of logKeys.filter(({ algorithm }) => algorithm === LOG_ALGORITHM)) {
    const standing = await judgeNoteSignature(note, key)
    if (standing === 'invalid') {
      return rejected('log-signature-invalid', `the signature of ${key.name} is wrong`)
    }
    signed ||= standing === 'valid'
  }
  return signed ? undefined : rejected('log-signature-missing', 'no key of the log signed the checkpoint')
}

function rejected(reason: WitnessedFault, detail: string): Rejected<WitnessedFault> {
  return { kind: 'rejected', reason, detail }
}
