import type { EvidenceAbove } from './collect-evidence.ts'
import type { RecordPart } from './record-parts.ts'

/** What a bundle is made of besides the record of the code itself and its proof. */
export interface FrameParts {
  readonly above: EvidenceAbove
  /** What stands above the code and was assigned here, top-down. */
  readonly ancestors: readonly RecordPart[]
  /** Of the lists that the code and its ancestors refer to. */
  readonly tokens: readonly string[]
}

/** A bundle without the record of the code and its proof: what the bundles of all its siblings have in common. */
export interface BundleFrame extends FrameParts {
  readonly beforeRecord: Buffer
  readonly beforeProof: Buffer
  readonly end: Buffer
}

/** True for a frame that says what one of these parts would. */
export function isFrameOf(frame: BundleFrame, { above, ancestors, tokens }: FrameParts): boolean {
  return frame.above === above && areSame(frame.ancestors, ancestors) && areSame(frame.tokens, tokens)
}

/** Makes a frame: the bytes of the bundle as JSON, in the order in which `collectEvidence` has its members. */
export function frameOf(parts: FrameParts): BundleFrame {
  const { above, ancestors, tokens } = parts
  const records = [...above.records, ...ancestors.map(({ jws }) => jws)].map(quoted)
  const statuses = [...above.status_list_tokens, ...tokens].map(quoted)
  const proofs = [
    ...Object.entries(above.tlog_proofs ?? {}).map(([hash, proof]) => ({ hash, proof })),
    ...ancestors,
  ]
  const middle = `"chains":${JSON.stringify(above.chains ?? [])},"root_keys":${JSON.stringify(above.root_keys ?? [])}`
  const histories =
    above.key_histories === undefined ? '' : `,"key_histories":${JSON.stringify(above.key_histories)}`
  return {
    ...parts,
    beforeRecord: Buffer.from(`{"v":1,"records":[${followed(records)}`),
    beforeProof: Buffer.from(
      `],${middle},"status_list_tokens":[${statuses.join(',')}],"tlog_proofs":{${followed(proofs.map(proofMember))}`,
    ),
    end: Buffer.from(`}${histories}}`),
  }
}

/** The record and the proof of a code as they stand in its frame. */
export function innerOf(part: RecordPart): { readonly record: Buffer; readonly proof: Buffer } {
  return { record: Buffer.from(quoted(part.jws)), proof: Buffer.from(proofMember(part)) }
}

function proofMember({ hash, proof }: Pick<RecordPart, 'hash' | 'proof'>): string {
  return `${quoted(hash)}:${quoted(proof)}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/** Items of a list that goes on. */
function followed(items: readonly string[]): string {
  return items.map((item) => `${item},`).join('')
}

function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, nth) => one === others[nth])
}
