import type { RootKeySetJws, VerifiedRootKeySet } from '@arc3088/records'
import {
  StrictJsonError,
  parseStrictJson,
  readRootKeySet,
  rootKeySetHash,
  verifyRootKeySet,
} from '@arc3088/records'
import type { PinnedAnchor, SeenKeySet } from '@arc3088/trust'
import { EvidenceBundle } from '@arc3088/trust'

/** Parses what a root serves as its key sets (W1): a JSON array, oldest first. Undefined for anything else. */
export function readKeySets(body: string): readonly RootKeySetJws[] | undefined {
  try {
    const parsed = EvidenceBundle.safeParse({ v: 1, root_keys: parseStrictJson(body) })
    return parsed.success ? parsed.data.root_keys : undefined
  } catch (error) {
    if (error instanceof StrictJsonError) return undefined
    throw error
  }
}

/**
 * Follows the succession from the pinned key set as far as it is sound, for choosing whom to ask. The verdict does not
 * rest on it: the verifier walks all sets again, and is strict. Undefined when the pinned set itself is not sound.
 */
export async function followKeySets(
  { rootKeys }: PinnedAnchor,
  supplied: readonly RootKeySetJws[],
): Promise<VerifiedRootKeySet | undefined> {
  const pinned = await verifyRootKeySet(rootKeys)
  if (pinned.kind === 'rejected') return undefined
  let newest = pinned
  for (const jws of supplied) {
    const read = readRootKeySet(jws)
    if (read.kind === 'rejected' || read.claims.seq <= newest.claims.seq) continue
    const next = await verifyRootKeySet(jws, newest)
    if (next.kind === 'rejected') return newest
    newest = next
  }
  return newest
}

/** What a memory keeps of a key set. */
export async function seenKeySet({ claims, jws }: VerifiedRootKeySet): Promise<SeenKeySet> {
  return { seq: claims.seq, hash: await rootKeySetHash(jws) }
}
