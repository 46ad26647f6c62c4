import { encodeBase64url, readLogEntry } from '@arc3088/records'
import type { Note, VerifierKey } from '@arc3088/tlog'
import {
  equalBytes,
  hashLeaf,
  parseNote,
  parseTlogProof,
  verifyInclusion,
  verifyWitnessed,
} from '@arc3088/tlog'

import type { EvidenceMemory } from './evidence-memory.ts'
import type { Finding } from './findings.ts'
import type { ProvenEntry } from './proven-entry.ts'
import type { TrustedLog } from './trusted-log.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Faults of signatures; all others are of what is well signed. */
const SIGNATURE_FAULTS: ReadonlySet<string> = new Set([
  'log-signature-missing',
  'log-signature-invalid',
  'cosignature-invalid',
  'cosignature-misnamed',
  'quorum-missing',
])

/** A proof that is there and wrong is never passed over, nor taken for a missing one. */
export function proofFault(fault: string, detail: string, subject: string): Finding {
  const verdict = SIGNATURE_FAULTS.has(fault) ? 'signature-invalid' : 'chain-invalid'
  return { verdict, code: 'log-proof-invalid', detail: `${fault}: ${detail}`, subject }
}

function readEntry(bytes: Uint8Array | undefined): ReturnType<typeof readLogEntry> {
  if (bytes === undefined) return undefined
  try {
    return readLogEntry(decoder.decode(bytes))
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/**
 * A line that bears the name or the id of a key we know and is not that key's. Lines of strangers are read past, as
 * signed-note asks; but a known line with one changed character must not pass for a stranger's.
 */
function misnamedLine(note: Note, keys: readonly VerifierKey[]): string | undefined {
  for (const line of note.signatures) {
    const alike = keys.filter((key) => key.name === line.name || equalBytes(key.keyId, line.keyId))
    const isKnown = alike.some((key) => key.name === line.name && equalBytes(key.keyId, line.keyId))
    if (alike.length > 0 && !isKnown) return line.name
  }
  return undefined
}

/** What proofs are made with; one for a verification. */
export interface ProofTools {
  readonly memory: Pick<EvidenceMemory, 'proofs' | 'checkpoints'>
  /** Checkpoints being verified: proofs of one bundle mostly share theirs. */
  readonly underWay: Map<string, ReturnType<typeof verifyWitnessed>>
}

/** Builds the tools of one verification over a memory. */
export function createProofTools(memory: ProofTools['memory']): ProofTools {
  return { memory, underWay: new Map() }
}

/** The checkpoint as the log and its witnesses signed it; each text is verified once for each log. */
async function verifyCheckpoint(
  noteText: string,
  { origin, logKeys, witnesses, quorum, name }: TrustedLog,
  { memory, underWay }: ProofTools,
): ReturnType<typeof verifyWitnessed> {
  const known = memory.checkpoints.get(name, noteText)
  if (known !== undefined) return known
  const key = `${name}\n${noteText}`
  const verifying =
    underWay.get(key) ?? verifyWitnessed({ noteText, origin, logKeys, policy: { witnesses, quorum } })
  underWay.set(key, verifying)
  const verified = await verifying
  if (verified.kind === 'witnessed') memory.checkpoints.set(name, noteText, verified)
  return verified
}

/**
 * Whether a proof holds under a log: the tree is signed by the log and by its quorum of witnesses, and the entry that
 * the proof carries hashes to the leaf whose place is proved. What the entry is about is the caller's to compare.
 */
export async function proveEntry(
  text: string,
  log: TrustedLog,
  { subject, tools }: { subject: string; tools: ProofTools },
): Promise<ProvenEntry | Finding> {
  const { proofs } = tools.memory
  const known = proofs.get(log.name, text)
  if (known !== undefined) return known
  const proof = parseTlogProof(text)
  if (proof === undefined) return proofFault('proof-malformed', 'the text is no tlog-proof', subject)
  const entry = readEntry(proof.extra)
  if (proof.extra === undefined || entry === undefined) {
    return proofFault('entry-malformed', 'the proof carries no entry of a log', subject)
  }
  const note = parseNote(proof.checkpoint)
  const misnamed = note === undefined ? undefined : misnamedLine(note, [...log.logKeys, ...log.witnesses])
  if (misnamed !== undefined) {
    return proofFault(
      'cosignature-misnamed',
      `the line of ${misnamed} is not by a key listed for it`,
      subject,
    )
  }
  const witnessed = await verifyCheckpoint(proof.checkpoint, log, tools)
  if (witnessed.kind === 'rejected') return proofFault(witnessed.reason, witnessed.detail, subject)
  const { size, root } = witnessed.checkpoint
  const { index, hashes } = proof
  if (!verifyInclusion({ leaf: hashLeaf(proof.extra), index, size, root, proof: hashes })) {
    return proofFault('inclusion-invalid', `the entry is not proved to stand at ${index} of ${size}`, subject)
  }
  const { witnessedAt } = witnessed
  const proven: ProvenEntry = {
    entry,
    index,
    size,
    root: encodeBase64url(root),
    origin: log.origin,
    ...(witnessedAt === undefined ? {} : { witnessedAt }),
    proof: text,
  }
  proofs.set(log.name, text, proven)
  return proven
}
