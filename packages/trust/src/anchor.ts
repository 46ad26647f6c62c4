import type { Rejected, RootKeySetJws, VerifiedRootKeySet } from '@arc3088/records'
import { parseRootKeySetJws, readRootKeySet, rootKeySetHash, verifyRootKeySet } from '@arc3088/records'

import type { Clock } from './clock.ts'
import { timeFinding } from './clock.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import type { PinnedAnchor, SeenKeySet } from './evidence-bundle.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf } from './findings.ts'

/** Reads what `.arc3088/anchor.json` holds: the General JWS of a key set. */
export function pinAnchor(text: string): PinnedAnchor | Rejected {
  const parsed = parseRootKeySetJws(text)
  return 'kind' in parsed ? parsed : { rootKeys: parsed }
}

interface Walk {
  readonly pinned: VerifiedRootKeySet
  readonly newest: VerifiedRootKeySet
  /** The set looked at last, which may be older than the pinned one. */
  readonly last: VerifiedRootKeySet | undefined
}

/** The pinned set itself, which is trusted because it is pinned; that it is well made is found once for its text. */
async function verifyPinned(
  jws: RootKeySetJws,
  { keySets }: EvidenceMemory,
): Promise<VerifiedRootKeySet | Rejected> {
  const text = JSON.stringify(jws)
  const known = keySets.get('pinned', text)
  if (known !== undefined) return known
  const verified = await verifyRootKeySet(jws)
  // A copy made of the text: the caller's object may change under our hands.
  if (verified.kind === 'verified') keySets.set('pinned', text, { ...verified, jws: structuredClone(jws) })
  return verified
}

async function step({ pinned, newest, last }: Walk, jws: RootKeySetJws): Promise<Walk | Finding> {
  if (JSON.stringify(jws) === JSON.stringify(pinned.jws) && last === undefined) {
    return { pinned, newest, last: pinned }
  }
  const read = readRootKeySet(jws)
  if (read.kind === 'rejected') return findingOf(read, 'key set')
  const { iss, seq } = read.claims
  const subject = `${iss} key set ${seq}`
  if (iss !== pinned.claims.iss)
    return broken('iss-wrong', 'a key set of another root than the pinned one', subject)
  const same = JSON.stringify(jws) === JSON.stringify(pinned.jws)
  const before = [last, newest].find((set) => set?.claims.seq === seq - 1)
  if (!same && before === undefined && seq !== 1) {
    return broken('succession-broken', 'the key set before it was not supplied', subject)
  }
  const verified = same ? pinned : await verifyRootKeySet(jws, before)
  if (verified.kind === 'rejected') return findingOf(verified, subject)
  if (seq === newest.claims.seq && jws.payload !== newest.jws.payload) {
    return broken('anchor-conflict', 'two key sets with one number', subject)
  }
  return { pinned, newest: seq === newest.claims.seq + 1 ? verified : newest, last: verified }
}

/** A root whose key sets end before one that it has shown, or that shows another in its place, takes something back. */
async function rollback(
  seen: SeenKeySet,
  newest: VerifiedRootKeySet,
  supplied: readonly RootKeySetJws[],
): Promise<Finding | undefined> {
  const subject = `${newest.claims.iss} key set ${newest.claims.seq}`
  if (newest.claims.seq < seen.seq)
    return broken('anchor-rolled-back', `key set ${seen.seq} was in force before`, subject)
  const newestText = JSON.stringify(newest.jws)
  for (const jws of [newest.jws, ...supplied]) {
    const seq = JSON.stringify(jws) === newestText ? newest.claims.seq : seqOf(jws)
    if (seq === seen.seq && (await rootKeySetHash(jws)) !== seen.hash)
      return broken('anchor-conflict', 'another key set of this number was in force before', subject)
  }
  return undefined
}

function seqOf(jws: RootKeySetJws): number | undefined {
  const read = readRootKeySet(jws)
  return read.kind === 'read' ? read.claims.seq : undefined
}

/**
 * Walks from the pinned key set to the newest one supplied (W1). Sets come oldest first, from set 1, from the pinned
 * one or from the one after it; each must follow the one before and carry its signatures. `undefined` when a set is
 * not sound, or when the newest is older than one that was met before.
 */
export async function walkKeySets(
  anchor: PinnedAnchor,
  supplied: readonly RootKeySetJws[],
  { findings, memory }: { findings: Findings; memory: EvidenceMemory },
): Promise<VerifiedRootKeySet | undefined> {
  const pinned = await verifyPinned(anchor.rootKeys, memory)
  if (pinned.kind === 'rejected') {
    findings.fail('anchor', findingOf(pinned, 'pinned key set'))
    return undefined
  }
  let walk: Walk = { pinned, newest: pinned, last: undefined }
  for (const jws of supplied) {
    const next = await step(walk, jws)
    if ('verdict' in next) {
      findings.fail('anchor', next)
      return undefined
    }
    walk = next
  }
  const { newest } = walk
  const rolledBack = anchor.seen === undefined ? undefined : await rollback(anchor.seen, newest, supplied)
  if (rolledBack !== undefined) {
    findings.fail('anchor', rolledBack)
    return undefined
  }
  findings.pass('anchor', `${newest.claims.iss}, key set ${newest.claims.seq}, pinned ${pinned.claims.seq}`)
  return newest
}

/** Judges the newest key set's own dates. */
export function judgeKeySetTimes(set: VerifiedRootKeySet, clock: Clock, findings: Findings): void {
  const { iss, nbf, exp } = set.claims
  const finding = timeFinding({ nbf, exp }, clock, iss)
  if (finding !== undefined) findings.fail('anchor-time', finding)
}
