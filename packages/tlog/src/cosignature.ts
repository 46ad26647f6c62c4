import { parseCheckpoint } from './checkpoint.ts'
import { SIGNATURE_BYTES, verifyEd25519 } from './ed25519.ts'
import { COSIGNATURE_HEADER, type NoteSigner } from './note-signer.ts'
import { encodeText } from './note-text.ts'
import { formatSignatureLine, type Note, type NoteSignature } from './note.ts'
import { COSIGNATURE_ALGORITHM, isKeyOf, type VerifierKey } from './vkey.ts'

const TIMESTAMP_BYTES = 8

/**
 * The signature line by which a witness says: at this time, this was the largest tree I saw of the log, and it grew from
 * all I saw before (tlog-cosignature). `body` is the note's, with whatever extension lines. Throws for one that is no
 * checkpoint, and for a signer that is no witness.
 */
export async function cosignCheckpoint(
  body: string,
  signer: NoteSigner,
  timestampSeconds: number,
): Promise<string> {
  if (signer.algorithm !== COSIGNATURE_ALGORITHM) throw new Error('a log signs notes; it does not cosign')
  if (parseCheckpoint(body) === undefined) throw new Error('only a checkpoint is cosigned')
  if (!isTimestamp(timestampSeconds)) throw new Error('a timestamp is a whole number of seconds above 0')
  const signed = await signer.sign(cosignedMessage(body, timestampSeconds))
  const signature = new Uint8Array(TIMESTAMP_BYTES + SIGNATURE_BYTES)
  new DataView(signature.buffer).setBigUint64(0, BigInt(timestampSeconds))
  signature.set(signed, TIMESTAMP_BYTES)
  return formatSignatureLine({ name: signer.name, keyId: signer.keyId, signature })
}

/**
 * When the witness (algorithm 4) cosigned the note; the first time where it did so more than once. Undefined where no
 * line names it, where one that does is wrong, and where the body is no checkpoint. Never throws. Whether the time lies
 * in the future, the caller judges.
 */
export async function verifyCosignature(
  note: Note,
  key: VerifierKey,
): Promise<{ readonly timestamp: number } | undefined> {
  const standing = await judgeCosignature(note, key)
  return standing.kind === 'valid' ? { timestamp: standing.timestamp } : undefined
}

export type CosignatureStanding =
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'valid'; readonly timestamp: number }

export async function judgeCosignature(note: Note, key: VerifierKey): Promise<CosignatureStanding> {
  const lines = note.signatures.filter((line) => isKeyOf(key, line))
  if (key.algorithm !== COSIGNATURE_ALGORITHM || lines.length === 0) return { kind: 'absent' }
  if (parseCheckpoint(note.body) === undefined) return { kind: 'invalid' }
  const timestamps: number[] = []
  for (const line of lines) {
    const timestamp = timestampOf(line)
    if (timestamp === undefined) return { kind: 'invalid' }
    const message = cosignedMessage(note.body, timestamp)
    const signature = line.signature.slice(TIMESTAMP_BYTES)
    if (!(await verifyEd25519(key.publicKey, message, signature))) return { kind: 'invalid' }
    timestamps.push(timestamp)
  }
  return { kind: 'valid', timestamp: Math.min(...timestamps) }
}

function cosignedMessage(body: string, timestamp: number): Uint8Array<ArrayBuffer> {
  return encodeText(`${COSIGNATURE_HEADER}\ntime ${timestamp}\n${body}`)
}

function timestampOf({ signature }: NoteSignature): number | undefined {
  if (signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return undefined
  const view = new DataView(signature.buffer, signature.byteOffset, signature.byteLength)
  const timestamp = Number(view.getBigUint64(0))
  return isTimestamp(timestamp) ? timestamp : undefined
}

/** 0 says "no statement about the time" in the later format; here it could only make a tree look old. */
function isTimestamp(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}
