import {
  findEventForks,
  type KeysOfParty,
  type NumericDate,
  type RecognitionAgreement,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { verifyEventChain, type ChainedEvent } from '@arc3088/trust'

import type { StoredFork } from './agreement-fork.store.ts'

interface ForkBasis {
  readonly keysOfParty: KeysOfParty
  readonly complain: (detail: string) => void
  /** The events that are known, each in its place. */
  readonly chained: readonly ChainedEvent[]
}

/**
 * Which parties have signed two events for one place, and since when that is known: both are verified anew, each after the
 * same events before it. A row that does not bear that out is passed over and complained of.
 */
export async function doubtedParties(
  forks: readonly StoredFork[],
  terms: { claims: RecognitionAgreement; hash: string },
  { keysOfParty, complain, chained }: ForkBasis,
): Promise<ReadonlyMap<string, NumericDate>> {
  const doubted = new Map<string, NumericDate>()
  for (const fork of forks) {
    const { entityId, seq, seenAt } = fork
    const before = chained.filter(({ claims }) => claims.iss === entityId && claims.seq < seq)
    const lastOf = async (jws: string): Promise<ChainedEvent | undefined> => {
      const chain = await verifyEventChain([...before.map((each) => each.jws), jws], terms, keysOfParty)
      return 'kind' in chain ? undefined : chain.at(-1)
    }
    const pair = [await lastOf(fork.known), await lastOf(fork.other)] as const
    const [known, other] = pair
    const found = known === undefined || other === undefined ? [] : findEventForks([known], [other])
    if (found.some((each) => each.entityId === entityId)) {
      const since = numericDate(seenAt)
      doubted.set(entityId, Math.min(since, doubted.get(entityId) ?? since))
    } else complain(`that ${entityId} signed two events ${seq} of ${terms.claims.jti} is not borne out`)
  }
  return doubted
}
