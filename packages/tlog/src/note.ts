import { decodeBase64, encodeBase64 } from './base64.ts'
import { verifyEd25519 } from './ed25519.ts'
import type { NoteSigner } from './note-signer.ts'
import { encodeText, isNoteText, NOTE_LENGTH_MAX } from './note-text.ts'
import { isKeyName, isKeyOf, KEY_ID_BYTES, LOG_ALGORITHM, type VerifierKey } from './vkey.ts'

/** A text and who claims to have signed it; nothing of it is verified yet (signed-note). */
export interface Note {
  /** Ends in a newline. */
  readonly body: string
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  readonly keyId: Uint8Array
  /** What follows the key id; its form depends on the key. */
  readonly signature: Uint8Array
}

/** signed-note asks verifiers for a bound of at least 16; this is that of Go's sumdb/note. */
export const NOTE_SIGNATURES_MAX = 100

/** Reads a note; undefined where it is not exactly one (signed-note, Format), or longer than the bounds. */
export function parseNote(text: string): Note | undefined {
  if (text.length > NOTE_LENGTH_MAX || !isNoteText(text)) return undefined
  // The body may have empty lines: the last one separates.
  const split = text.lastIndexOf('\n\n')
  if (split === -1) return undefined
  const signatures = parseSignatureLines(text.slice(split + 2))
  return signatures === undefined ? undefined : { body: text.slice(0, split + 1), signatures }
}

/** Reads one or more signature lines, such as a witness answers; undefined where one is malformed. */
export function parseSignatureLines(text: string): NoteSignature[] | undefined {
  if (text.length > NOTE_LENGTH_MAX || !text.endsWith('\n') || !isNoteText(text)) return undefined
  const lines = text.slice(0, -1).split('\n', NOTE_SIGNATURES_MAX + 1)
  if (lines.length > NOTE_SIGNATURES_MAX) return undefined
  const signatures = lines.map(parseSignatureLine)
  return signatures.every((signature) => signature !== undefined) ? signatures : undefined
}

/** `— <name> <base64 of key id and signature>` with its newline. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name) || keyId.length !== KEY_ID_BYTES) throw new Error('the signature names no key')
  if (signature.length === 0) throw new Error('the signature is empty')
  return `— ${name} ${encodeBase64(Uint8Array.of(...keyId, ...signature))}\n`
}

/** Adds signature lines to a note, leaving out those it has. Throws where the result would be no note. */
export function appendSignature(noteText: string, lines: string): string {
  const note = parseNote(noteText)
  const signatures = parseSignatureLines(lines)
  if (note === undefined || signatures === undefined) throw new Error('not a note, or not signature lines')
  const present = new Set(note.signatures.map(formatSignatureLine))
  const added = new Set(signatures.map(formatSignatureLine).filter((line) => !present.has(line)))
  const text = noteText + [...added].join('')
  if (parseNote(text) === undefined) throw new Error('the note would be longer than a note may be')
  return text
}

/** Signs a text, which ends in a newline, with the keys of logs. Throws for a text that no note can have. */
export async function signNote(body: string, signers: readonly NoteSigner[]): Promise<string> {
  const message = encodeText(body)
  const lines = await Promise.all(
    signers.map(async (signer) => {
      if (signer.algorithm !== LOG_ALGORITHM) throw new Error('a witness cosigns; it does not sign notes')
      const { name, keyId } = signer
      return formatSignatureLine({ name, keyId, signature: await signer.sign(message) })
    }),
  )
  const text = `${body}\n${lines.join('')}`
  if (parseNote(text)?.body !== body) throw new Error('the text cannot be that of a note')
  return text
}

/** What the lines that name a key are worth. */
export type SignatureStanding = 'absent' | 'invalid' | 'valid'

/**
 * Whether a log's key (algorithm 1) signed the note. Where several lines name the key, every one must be right
 * (signed-note, Signatures); lines of other keys are not looked at. Never throws.
 */
export async function verifyNote(note: Note, key: VerifierKey): Promise<boolean> {
  return (await judgeNoteSignature(note, key)) === 'valid'
}

export async function judgeNoteSignature(note: Note, key: VerifierKey): Promise<SignatureStanding> {
  const lines = note.signatures.filter((line) => isKeyOf(key, line))
  if (key.algorithm !== LOG_ALGORITHM || lines.length === 0) return 'absent'
  const message = encodeText(note.body)
  for (const { signature } of lines) {
    if (!(await verifyEd25519(key.publicKey, message, signature))) return 'invalid'
  }
  return 'valid'
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const { name, encoded } = /^— (?<name>[^ ]+) (?<encoded>[^ ]+)$/u.exec(line)?.groups ?? {}
  if (name === undefined || encoded === undefined || !isKeyName(name)) return undefined
  const bytes = decodeBase64(encoded)
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined
  return { name, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) }
}
