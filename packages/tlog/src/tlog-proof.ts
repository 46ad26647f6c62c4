import { decodeBase64, encodeBase64 } from './base64.ts'
import { formatDecimal, parseDecimal } from './decimal.ts'
import { verifyInclusion } from './inclusion.ts'
import type { Hash } from './leaf-hash.ts'
import { NOTE_LENGTH_MAX } from './note-text.ts'
import { assertCheckpointNote, formatProofLines, parseProofLines, splitAtCheckpoint } from './proof-lines.ts'
import {
  verifyWitnessed,
  type Rejected,
  type Witnessed,
  type WitnessedClaim,
  type WitnessedFault,
} from './witnessed.ts'

/** That an entry stands in a log, to be verified offline (tlog-proof). */
export interface TlogProof {
  readonly index: number
  readonly hashes: readonly Hash[]
  /** The text of a signed note. */
  readonly checkpoint: string
  /** Not authenticated by anything; never empty. */
  readonly extra?: Uint8Array
}

const HEADER = 'c2sp.org/tlog-proof@v1'

export const TLOG_PROOF_EXTRA_BYTES_MAX = 65_536
export const TLOG_PROOF_LENGTH_MAX = NOTE_LENGTH_MAX + 2 * TLOG_PROOF_EXTRA_BYTES_MAX

/** Throws for what `parseTlogProof` would not read. */
export function formatTlogProof({ checkpoint, ...proof }: TlogProof): string {
  return formatProofsAgainst(checkpoint)(proof)
}

/** As `formatTlogProof`, for many proofs against one checkpoint: that it is one is looked at once, here. */
export function formatProofsAgainst(checkpoint: string): (proof: Omit<TlogProof, 'checkpoint'>) => string {
  assertCheckpointNote(checkpoint)
  return ({ index, hashes, extra }) => {
    if (extra !== undefined && !isExtra(extra)) throw new Error('extra data has 1 to 65536 bytes')
    const extraLine = extra === undefined ? '' : `extra ${encodeBase64(extra)}\n`
    return `${HEADER}\n${extraLine}index ${formatDecimal(index)}\n${formatProofLines(hashes)}\n${checkpoint}`
  }
}

/** Undefined for a text that is not exactly one; it proves nothing before it is verified. */
export function parseTlogProof(text: string): TlogProof | undefined {
  if (text.length > TLOG_PROOF_LENGTH_MAX) return undefined
  const parts = splitAtCheckpoint(text)
  const [header, second, ...rest] = parts?.lines ?? []
  if (parts === undefined || header !== HEADER || second === undefined) return undefined
  const hasExtra = second.startsWith('extra ')
  const [indexLine, ...proofLines] = hasExtra ? rest : [second, ...rest]
  if (indexLine?.startsWith('index ') !== true) return undefined
  const index = parseDecimal(indexLine.slice('index '.length))
  const hashes = parseProofLines(proofLines)
  if (index === undefined || hashes === undefined) return undefined
  const proof = { index, hashes, checkpoint: parts.checkpoint }
  if (!hasExtra) return proof
  const extra = decodeBase64(second.slice('extra '.length))
  return extra !== undefined && isExtra(extra) ? { ...proof, extra } : undefined
}

export interface TlogProofClaim extends Omit<WitnessedClaim, 'noteText'> {
  readonly proofText: string
  /** The hash of the entry that is claimed to stand there, from `hashLeaf`. */
  readonly leaf: Hash
}

export type TlogProofFault = WitnessedFault | 'proof-malformed' | 'inclusion-invalid'

export interface ProvenInclusion extends Witnessed {
  readonly index: number
}

/** Whether the entry stands in a tree that the log signed and enough witnesses vouch for. Never throws. */
export async function verifyTlogProof(
  claim: TlogProofClaim,
): Promise<ProvenInclusion | Rejected<TlogProofFault>> {
  const proof = parseTlogProof(claim.proofText)
  if (proof === undefined) {
    return { kind: 'rejected', reason: 'proof-malformed', detail: 'the text is no tlog-proof' }
  }
  const verdict = await verifyWitnessed({ ...claim, noteText: proof.checkpoint })
  if (verdict.kind === 'rejected') return verdict
  const { size, root } = verdict.checkpoint
  if (!verifyInclusion({ leaf: claim.leaf, index: proof.index, size, root, proof: proof.hashes })) {
    const detail = `the entry is not proven to stand at ${proof.index} of ${size}`
    return { kind: 'rejected', reason: 'inclusion-invalid', detail }
  }
  return { ...verdict, index: proof.index }
}

function isExtra(extra: Uint8Array): boolean {
  return extra.length > 0 && extra.length <= TLOG_PROOF_EXTRA_BYTES_MAX
}
