import { encodeBase64url, decodeBase64url, formatLogEntry, recordHash } from '@arc3088/records'
import type { LogEntry } from '@arc3088/records'
import type { NoteAlgorithm, NoteSigner } from '@arc3088/tlog'
import {
  EMPTY_EDGE,
  appendSignature,
  cosignCheckpoint,
  createNoteSigner,
  formatTlogProof,
  growTree,
  hashLeaf,
  inclusionProof,
  parseNote,
  sha256,
  signCheckpoint,
} from '@arc3088/tlog'

import type { Claims, Cosigner, Draft, KeyName, LogName, ProofPart, Signers } from './scenario-parts.ts'
import { P1, ROOT, T0, setTlog } from './scenario-parts.ts'

export const LOG_ORIGIN: Record<LogName, string> = { root: 'root.example/tlog', p1: 'p1.example/tlog' }
const LOG_URL: Record<LogName, string> = { root: `${ROOT}/tlog/`, p1: `${P1}/tlog/` }

/** When the witnesses saw the records of the example. */
export const WITNESSED_AT = T0 + 2

export const COSIGNER: Record<'root' | 'p1' | 'other' | 'stranger', Cosigner> = {
  root: { key: 'root.tlog', name: 'root.example', at: WITNESSED_AT },
  p1: { key: 'p1.tlog', name: 'p1.example', at: WITNESSED_AT },
  other: { key: 'p2.tlog', name: 'p2.example', at: WITNESSED_AT + 1 },
  stranger: { key: 'stranger.tlog', name: 'stranger.example', at: WITNESSED_AT },
}

const utf8 = new TextEncoder()

export function noteSigner(
  { key, name }: { key: KeyName; name: string },
  algorithm: NoteAlgorithm,
  signers: Signers,
): NoteSigner {
  const signer = signers[key]
  const publicKey = decodeBase64url(signer.publicJwk.x)
  if (publicKey === undefined) throw new Error('no key')
  return createNoteSigner({ name, publicKey, algorithm, sign: (message) => signer.sign(message) })
}

export function logMetadata(
  log: LogName,
  { witnesses, quorum }: { witnesses: readonly Cosigner[]; quorum: number },
  signers: Signers,
): Claims {
  const origin = LOG_ORIGIN[log]
  return {
    url: LOG_URL[log],
    origin,
    vkeys: [noteSigner({ key: `${log}.tlog`, name: origin }, 1, signers).vkey],
    witnesses: witnesses.map((witness) => ({
      vkey: noteSigner(witness, 4, signers).vkey,
      url: `https://${witness.name}`,
    })),
    quorum,
  }
}

/** Gives the root and the provider witnessed logs in which all records stand: the root's watched by p1, p1's by the root. */
export function addLogs(draft: Draft, signers: Signers): void {
  setTlog(draft, 'root', logMetadata('root', { witnesses: [COSIGNER.p1], quorum: 1 }, signers))
  setTlog(draft, 'p1', logMetadata('p1', { witnesses: [COSIGNER.root], quorum: 1 }, signers))
  draft.proofs = draft.records.map((record, i) =>
    record.key === 'root.issuing'
      ? { record: i, log: 'root', cosigners: [COSIGNER.p1] }
      : { record: i, log: 'p1', cosigners: [COSIGNER.root] },
  )
}

/** What else stands in a log: enough that paths are longer than one step. */
const OTHERS_BEFORE = 7
const OTHERS_AFTER = 3

function otherEntry(i: number): string {
  const h = encodeBase64url(sha256(utf8.encode(`other ${i}`)))
  return formatLogEntry({ v: 1, t: 'status', c: `1.2.156.3088.1.1.${i + 1}`, h, i: T0 - 100 + i })
}

export async function assignEntry(jws: string, claims: Claims): Promise<LogEntry> {
  const { sub, iat } = claims
  if (typeof sub !== 'string' || typeof iat !== 'number') throw new TypeError('a record has sub and iat')
  return { v: 1, t: 'assign', c: sub, h: await recordHash(jws), i: iat }
}

/** A log with these entries among others; answers the index of the first of them. */
export function logWith(entries: readonly string[]) {
  const all = [
    ...Array.from({ length: OTHERS_BEFORE }, (_, i) => otherEntry(i)),
    ...entries,
    ...Array.from({ length: OTHERS_AFTER }, (_, i) => otherEntry(OTHERS_BEFORE + i)),
  ].map((entry) => utf8.encode(entry))
  const { root, tiles } = growTree(EMPTY_EDGE, all.map(hashLeaf))
  return { first: OTHERS_BEFORE, size: all.length, root, tiles, entries: all }
}

async function makeProof(
  part: ProofPart,
  entries: ReadonlyMap<number, string>,
  signers: Signers,
): Promise<string> {
  const own = [...entries.keys()]
  const { first, size, root, tiles } = logWith([...entries.values()])
  const index = first + own.indexOf(part.showing ?? part.record)
  const extra = utf8.encode(entries.get(part.showing ?? part.record) ?? '')
  const origin = part.origin ?? LOG_ORIGIN[part.log]
  let checkpoint = await signCheckpoint(
    { origin, size, root },
    noteSigner({ key: part.key ?? `${part.log}.tlog`, name: origin }, 1, signers),
  )
  const body = parseNote(checkpoint)?.body ?? ''
  for (const cosigner of part.cosigners) {
    checkpoint = appendSignature(
      checkpoint,
      await cosignCheckpoint(body, noteSigner(cosigner, 4, signers), cosigner.at),
    )
  }
  const hashes = inclusionProof(index, size, ({ level, index: tileIndex }) => {
    const tile = tiles.find((each) => each.level === level && each.index === tileIndex)
    if (tile === undefined) throw new RangeError('no such tile')
    return tile.data
  })
  const text = formatTlogProof({ index: index + (part.shift ?? 0), hashes, checkpoint, extra })
  return part.tamper?.(text) ?? text
}

/** The `tlog_proofs` of a bundle whose records are signed. */
export async function makeProofs(
  parts: readonly ProofPart[],
  records: readonly { jws: string; claims: Claims }[],
  signers: Signers,
): Promise<Record<string, string>> {
  const proofs: Record<string, string> = {}
  for (const part of parts) {
    const entries = new Map<number, string>()
    for (const other of parts.filter((each) => each.log === part.log)) {
      const record = records[other.record]
      if (record === undefined) throw new RangeError('no such record')
      const entry = await assignEntry(record.jws, record.claims)
      entries.set(other.record, formatLogEntry(other.entry?.(entry) ?? entry))
    }
    const jws = records[part.record]?.jws ?? ''
    proofs[part.hash ?? (await recordHash(jws))] = await makeProof(part, entries, signers)
  }
  return proofs
}
