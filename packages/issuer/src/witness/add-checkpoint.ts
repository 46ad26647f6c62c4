import { RegistryError } from '@arc3088/problems'
import { numericDate, type Ambient, type Log } from '@arc3088/service'
import {
  cosignCheckpoint,
  equalBytes,
  formatSignatureLine,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVkey,
  verifyConsistency,
  verifyNote,
  type Checkpoint,
  type Hash,
  type Note,
  type NoteSigner,
} from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { WriteGate } from '../journal/write-gate.ts'
import {
  insertForkEvidence,
  lockWitnessedTree,
  updateWitnessedTree,
  type WitnessedTree,
} from './witness.store.ts'

/** A log that this node watches, and the keys that its checkpoints are known by. */
export interface WatchedLog {
  readonly vkeys: readonly string[]
}

/** What a witness is made of. */
export interface WitnessDoor {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly log: Log
  /** A database that was put back to an older day knows smaller trees than were cosigned: nothing is signed over it. */
  readonly gate: Pick<WriteGate, 'demandWritable'>
  /** The node's cosigning key (algorithm 4). */
  readonly cosigner: NoteSigner
  /** The log of that origin, or undefined where this node watches none of that name. */
  readonly logOf: (origin: string) => Promise<WatchedLog | undefined>
}

/** A checkpoint that its log signed, and what is claimed of the way to it. */
interface SignedCheckpoint extends Checkpoint {
  readonly oldSize: number
  readonly proof: readonly Hash[]
  readonly body: string
  /** The checkpoint with the signatures of its log, and no others: what is kept. */
  readonly note: string
}

type Verdict =
  | { readonly kind: 'cosign'; readonly at: Date }
  | { readonly kind: 'refuse'; readonly refusal: RegistryError }

/**
 * Vouches for a checkpoint of another's log (C2SP tlog-witness, wire-format W8): what the log shows now grew from all
 * that it showed here before. Answers the cosignature line.
 *
 * Checked and written under the lock of the origin's row, and committed before it is signed: of one log, no size is
 * cosigned after a larger one, and no two roots for one size, whatever races or crashes. The time in the cosignature is
 * that of the lock, so that two of them, made in any order, both say the truth.
 *
 * @throws RegistryError `checkpoint-malformed` 400, `log-unknown` 404, `checkpoint-unsigned` 403,
 * `checkpoint-conflict` 409 with the size, `log-forked` 409, `consistency-unproved` 422, `node-read-only` 503.
 */
export async function addCheckpoint(door: WitnessDoor, text: string): Promise<string> {
  const { db, ambient, gate } = door
  gate.demandWritable()
  const checkpoint = await readSigned(door, text)
  ambient.reached('witness:verified')
  const verdict = await db.transaction().execute(async (tx): Promise<Verdict> => {
    const known = await lockWitnessedTree(tx, checkpoint.origin)
    const at = laterOf(ambient.now(), known.cosignedAt)
    const refusal = judge(checkpoint, known)
    if (contradicts(checkpoint, known)) {
      // Committed with the refusal: it is proof, and it must not depend on anybody sending it again.
      await insertForkEvidence(tx, { ...forkOf(checkpoint, known), seenAt: at })
    }
    if (refusal !== undefined) return { kind: 'refuse', refusal }
    const { origin, size, root, note } = checkpoint
    await updateWitnessedTree(tx, { origin, size, root, note, cosignedAt: at })
    return { kind: 'cosign', at }
  })
  if (verdict.kind === 'refuse') {
    if (verdict.refusal.extra['forked'] === true) logFork(door, checkpoint)
    throw verdict.refusal
  }
  ambient.reached('witness:persisted')
  return await cosignCheckpoint(checkpoint.body, door.cosigner, numericDate(verdict.at))
}

/** Reads a request as far as it can be judged without knowing the log's past. */
async function readSigned(door: WitnessDoor, text: string): Promise<SignedCheckpoint> {
  const request = parseAddCheckpoint(text)
  const note = request === undefined ? undefined : parseNote(request.checkpoint)
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.body)
  if (request === undefined || note === undefined || checkpoint === undefined) {
    throw new RegistryError('checkpoint-malformed', 'The body is not an old size, a proof and a checkpoint')
  }
  const { origin, size, root } = checkpoint
  const watched = await door.logOf(origin)
  if (watched === undefined)
    throw new RegistryError('log-unknown', 'This node witnesses no log of that origin')
  const signed = await signedBy(note, origin, watched)
  if (signed === undefined) {
    throw new RegistryError('checkpoint-unsigned', `No key of ${origin} signed this checkpoint`)
  }
  if (request.oldSize > size) {
    throw new RegistryError('checkpoint-malformed', `The old size ${request.oldSize} is above ${size}`)
  }
  return { origin, size, root, oldSize: request.oldSize, proof: request.proof, body: note.body, note: signed }
}

/** The note with the signature of the first of the log's keys that signed it; signatures of others are nobody's. */
async function signedBy(note: Note, origin: string, { vkeys }: WatchedLog): Promise<string | undefined> {
  for (const vkey of vkeys) {
    const key = parseVkey(vkey)
    if (key === undefined || key.name !== origin || !(await verifyNote(note, key))) continue
    const line = note.signatures.find(
      (signature) => signature.name === key.name && equalBytes(signature.keyId, key.keyId),
    )
    if (line !== undefined) return `${note.body}\n${formatSignatureLine(line)}`
  }
  return undefined
}

/** In the order of the specification: the old size, then the root of the same size, then the proof. */
function judge(checkpoint: SignedCheckpoint, known: WitnessedTree): RegistryError | undefined {
  const { origin, size, root, oldSize, proof } = checkpoint
  const forked = contradicts(checkpoint, known)
  if (oldSize !== known.size) {
    const detail = `The newest checkpoint of ${origin} that was cosigned here has size ${known.size}`
    return new RegistryError('checkpoint-conflict', detail, { extra: { size: known.size, forked } })
  }
  if (forked) {
    const detail = `${origin} has another root for size ${size} than the one that was cosigned here`
    return new RegistryError('log-forked', detail, { extra: { size, forked } })
  }
  const claim = { fromSize: known.size, fromRoot: known.root, toSize: size, toRoot: root, proof }
  if (verifyConsistency(claim)) return undefined
  return new RegistryError(
    'consistency-unproved',
    `The proof does not lead from size ${known.size} to ${size}`,
  )
}

/** Two roots for one size, both signed by the log: proof that it shows different trees to different people. */
function contradicts(checkpoint: Checkpoint, known: WitnessedTree): boolean {
  return (
    known.note !== undefined && checkpoint.size === known.size && !equalBytes(checkpoint.root, known.root)
  )
}

function forkOf(checkpoint: SignedCheckpoint, known: WitnessedTree) {
  if (known.note === undefined) throw new Error('A fork was seen of a log that was never cosigned')
  const { origin, size, root, note } = checkpoint
  return { origin, size, rootKnown: known.root, rootNew: root, noteKnown: known.note, noteNew: note }
}

function logFork({ log }: WitnessDoor, { origin, size }: Checkpoint): void {
  log.error({ 'tlog.origin': origin, 'tlog.size': size }, 'a log forked: two roots for one size, both signed')
}

/** A clock that was set back must not make a later cosignature the earlier one. */
function laterOf(now: Date, earlier: Date | undefined): Date {
  return earlier !== undefined && earlier.getTime() > now.getTime() ? earlier : now
}
