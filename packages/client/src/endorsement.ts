import type { Authorities, Chain, PinnedAnchor } from '@arc3088/trust'
import { arrangeChain, createFindings, readAuthorities, verifyChain } from '@arc3088/trust'

import { createBoundedMap } from './bounded-map.ts'
import { followKeySets, readKeySets } from './key-sets.ts'

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
 * do not depend on the time, and dates are the verifier's business, for every single answer.
 */
export function createEndorser(anchor: PinnedAnchor): Endorse {
  const remembered = createBoundedMap<Promise<Endorsement | undefined>>(
    REMEMBERED_BYTES_MAX,
    (key) => 2 * key.length,
  )
  return (keySets, statements) => {
    const key = [keySets, ...statements].join('\n')
    const known = remembered.get(key)
    if (known !== undefined) return known
    const proving = prove(anchor, keySets, statements)
    remembered.set(key, proving)
    return proving
  }
}

async function prove(
  anchor: PinnedAnchor,
  keySets: string,
  statements: readonly string[],
): Promise<Endorsement | undefined> {
  const supplied = readKeySets(keySets)
  const newest = supplied === undefined ? undefined : await followKeySets(anchor, supplied)
  if (newest === undefined) return undefined
  const chain = arrangeChain(statements, newest.claims.iss)
  if ('verdict' in chain) return undefined
  if (!(await verifyChain(chain, newest.claims, createFindings()))) return undefined
  const authorities = readAuthorities(chain)
  return 'verdict' in authorities ? undefined : { chain, authorities }
}
