import {
  readRootKeySet,
  rootKeySetHash,
  verifyRootKeySet,
  type PublicJwk,
  type RootKeySetJws,
  type VerifiedRootKeySet,
} from '@arc3088/records'

/** The key sets of a root from the pinned one to the newest that is known, each verified against the one before (W1). */
export type Succession = readonly [VerifiedRootKeySet, ...VerifiedRootKeySet[]]

/** How far a succession could be followed. */
export interface Walk {
  readonly sets: Succession
  /** What broke it off, where it was not simply over. */
  readonly broken: string | undefined
}

/**
 * Walks from the pinned set over those that are supplied, in any order. Sets that do not follow are passed over; a second
 * successor of one set is a fork, and neither it nor what comes after counts. Undefined where the pinned set is not sound.
 */
export async function walkSuccession(
  pinned: RootKeySetJws,
  supplied: readonly RootKeySetJws[],
): Promise<Walk | undefined> {
  const first = await verifyRootKeySet(pinned)
  if (first.kind === 'rejected') return undefined
  const sets: [VerifiedRootKeySet, ...VerifiedRootKeySet[]] = [first]
  for (;;) {
    const newest = sets.at(-1) ?? first
    const next = await successorsOf(newest, supplied)
    const [successor, other] = next
    if (successor === undefined) return { sets, broken: undefined }
    if (other !== undefined)
      return { sets, broken: `two key sets follow set ${newest.claims.seq} of ${newest.claims.iss}` }
    sets.push(successor)
  }
}

async function successorsOf(
  set: VerifiedRootKeySet,
  supplied: readonly RootKeySetJws[],
): Promise<VerifiedRootKeySet[]> {
  const successors = new Map<string, VerifiedRootKeySet>()
  for (const jws of supplied) {
    const read = readRootKeySet(jws)
    if (read.kind === 'rejected' || read.claims.seq !== set.claims.seq + 1) continue
    const verified = await verifyRootKeySet(jws, set)
    if (verified.kind === 'verified') successors.set(await rootKeySetHash(jws), verified)
  }
  return [...successors.values()]
}

/** The newest set of a succession. */
export function newestOf(sets: Succession): VerifiedRootKeySet {
  return sets.at(-1) ?? sets[0]
}

/** Every federation key that any set names: what was signed while a key stood goes on being verified. */
export function everyFederationKey(sets: Succession): readonly PublicJwk[] {
  const byKid = new Map(sets.flatMap(({ claims }) => claims.keys.federation.map((key) => [key.kid, key])))
  return [...byKid.values()]
}
