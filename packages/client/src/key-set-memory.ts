import { parseStrictJson, rootKeySetHash, StrictJsonError } from '@arc3088/records'
import type { PinnedAnchor, SeenKeySet } from '@arc3088/trust'

/** Remembers the newest key set that was met, so that a root cannot go back to an older one (W1). */
export interface KeySetMemory {
  seen(): SeenKeySet | undefined
  /** Called with a set that was verified from the pinned one on; an older one than what is known changes nothing. */
  remember(set: SeenKeySet): void
}

/** A memory that is as long as this process, and tells `onNewer` of what is to be kept longer. */
export function createKeySetMemory(
  known?: SeenKeySet,
  onNewer: (set: SeenKeySet) => void = () => undefined,
): KeySetMemory {
  let newest = known
  return {
    seen: () => newest,
    remember(set) {
      if (newest !== undefined && set.seq <= newest.seq) return
      newest = set
      onNewer(set)
    },
  }
}

const SHA256 = /^[A-Za-z0-9_-]{43}$/

/** What is kept of a memory between two lives of a program: worth something below this pinned set alone. */
export async function formatSeenKeySet(
  { rootKeys }: PinnedAnchor,
  { seq, hash }: SeenKeySet,
): Promise<string> {
  return `${JSON.stringify({ pinned: await rootKeySetHash(rootKeys), seq, hash })}\n`
}

/**
 * Reads what {@link formatSeenKeySet} made. `other` where it is of another pinned set: then it says nothing here.
 * `unreadable` for anything else, which must not pass for having seen nothing.
 */
export async function readSeenKeySet(
  { rootKeys }: PinnedAnchor,
  text: string,
): Promise<SeenKeySet | 'other' | 'unreadable'> {
  const kept = readKept(text)
  if (kept === undefined) return 'unreadable'
  const { pinned, seq, hash } = kept
  return pinned === (await rootKeySetHash(rootKeys)) ? { seq, hash } : 'other'
}

function readKept(text: string): (SeenKeySet & { readonly pinned: string }) | undefined {
  try {
    const value = parseStrictJson(text)
    const { pinned, seq, hash } = {
      pinned: undefined,
      seq: undefined,
      hash: undefined,
      ...(typeof value === 'object' ? value : {}),
    } as Readonly<Record<string, unknown>>
    const isHash = (part: unknown): part is string => typeof part === 'string' && SHA256.test(part)
    const isSeq = typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1
    return isHash(pinned) && isHash(hash) && isSeq ? { pinned, seq, hash } : undefined
  } catch (error) {
    if (error instanceof StrictJsonError) return undefined
    throw error
  }
}
