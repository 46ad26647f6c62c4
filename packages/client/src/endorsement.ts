import type { Authorities, Chain, PinnedAnchor } from '@arc3088/trust'
import { arrangeChain, createFindings, readAuthorities, verifyChain } from '@arc3088/trust'

import { createBoundedMap } from './bounded-map.ts'
import type { KeySetMemory } from './key-set-memory.ts'
import { createKeySetMemory } from './key-set-memory.ts'
import { followKeySets, readKeySets, seenKeySet } from './key-sets.ts'

/** What a chain, as far as it is known, proves: who may sign what, and what its statements say. */
export interface Endorsement {
  readonly chain: Chain
  readonly authorities: Authorities
}

/**
 * Verifies the statements collected so far, so that nothing is fetched from an address that only an unverified document
 * names. Undefined when they do not hold.
 */
export type Endorse = (keySets: string, statements: readonly string[]) => Promise<Endorsement | undefined>

const REMEMBERED_BYTES_MAX = 4 * 1024 * 1024

/**
 * Builds {@link Endorse} for a pinned anchor. What was proved of the very same bytes is remembered: signatures and links
 * do not depend on the time, and dates are the verifier's business, for every single answer. `memory` is told of every
 * key set that the walk comes to.
 */
export function createEndorser(anchor: PinnedAnchor, memory = createKeySetMemory()): Endorse {
  const remembered = createBoundedMap<Promise<Endorsement | undefined>>(
    REMEMBERED_BYTES_MAX,
    (key) => 2 * key.length,
  )
  return (keySets, statements) => {
    const key = [keySets, ...statements].join('\n')
    const known = remembered.get(key)
    if (known !== undefined) return known
    const proving = prove({ anchor, memory }, keySets, statements)
    remembered.set(key, proving)
    return proving
  }
}

const ENDORSERS_MAX_BYTES = 256 * 1024

/** An {@link Endorse} for each key set that something trusted names; the same one for the same key set. */
export function createEndorsers(): (anchor: PinnedAnchor) => Endorse {
  const endorsers = createBoundedMap<Endorse>(ENDORSERS_MAX_BYTES, (key) => key.length)
  return (anchor) => {
    const key = JSON.stringify(anchor.rootKeys)
    const endorse = endorsers.get(key) ?? createEndorser(anchor)
    endorsers.set(key, endorse)
    return endorse
  }
}

async function prove(
  { anchor, memory }: { anchor: PinnedAnchor; memory: KeySetMemory },
  keySets: string,
  statements: readonly string[],
): Promise<Endorsement | undefined> {
  const supplied = readKeySets(keySets)
  const newest = supplied === undefined ? undefined : await followKeySets(anchor, supplied)
  if (newest === undefined) return undefined
  memory.remember(await seenKeySet(newest))
  const chain = arrangeChain(statements, newest.claims.iss)
  if ('verdict' in chain) return undefined
  if (!(await verifyChain(chain, newest.claims, createFindings()))) return undefined
  const authorities = readAuthorities(chain)
  return 'verdict' in authorities ? undefined : { chain, authorities }
}
