import { witnessesOf, type LogHead, type WitnessAddress } from '@arc3088/issuer'
import type { OwnLog } from '@arc3088/records'
import type { Ambient, Log } from '@arc3088/service'

import { createToldPolicy, type WitnessPolicy } from './told-policy.ts'

/** Who witnesses this root's log, and how many of them it takes. */
export interface Witnessing {
  /** The active providers that have a log, by code; at most a few seconds old. */
  witnesses(): Promise<readonly WitnessAddress[]>
  /** What the log strives for: never more than the witnesses that were last known. */
  quorum(): number
  /** What verifiers are told of witnesses and quorum while the log stands so: no more than it can show. */
  told(head: LogHead): WitnessPolicy
  /** Of a provider's log, which this root alone witnesses. */
  quorumBelow(): number
}

/** Where the providers with a log come from. */
export interface WitnessingParts {
  readonly readLogOwners: (limit: number) => Promise<readonly { entityId: string; log: OwnLog }[]>
  readonly ambient: Pick<Ambient, 'now'>
  readonly log: Log
  /** `LOG_QUORUM`. */
  readonly quorumWished: number
}

/** As many as the metadata of a log can name; the providers with the lowest codes. */
const WITNESSES_MAX = 16
const REUSE_MILLISECONDS = 2000

/**
 * Reads who witnesses, before anything is signed: a root must not take its first checkpoint for witnessed because it
 * has not looked yet. Asked for the quorum alone, it looks again in the background.
 */
export async function openWitnessing(parts: WitnessingParts): Promise<Witnessing> {
  let known = await readWitnesses(parts.readLogOwners)
  let readAt = parts.ambient.now().getTime()
  let reading: Promise<readonly WitnessAddress[]> | undefined
  const isFresh = () => Math.abs(parts.ambient.now().getTime() - readAt) < REUSE_MILLISECONDS

  async function refresh(): Promise<readonly WitnessAddress[]> {
    try {
      known = await readWitnesses(parts.readLogOwners)
      readAt = parts.ambient.now().getTime()
      return known
    } finally {
      reading = undefined
    }
  }

  const { quorumWished } = parts
  const policy = createToldPolicy(parts.ambient)

  function quorum(): number {
    if (!isFresh() && reading === undefined) {
      reading = refresh()
      reading.catch((error: unknown) => parts.log.warn({ err: error }, 'the witnesses could not be read'))
    }
    return Math.min(quorumWished, countWitnesses(known))
  }

  return {
    quorumBelow: () => Math.min(quorumWished, 1),
    witnesses: async () => (isFresh() ? known : await (reading ??= refresh())),
    quorum,
    told(head) {
      const wished = quorum()
      return policy.now({ witnesses: known, quorum: wished }, head)
    },
  }
}

/**
 * The active providers that have a log which can be one, by code, each with every key of its log: a verifier may hold
 * the configuration for a day. Never more than a log can name, so that the first key of each comes before any second.
 */
export async function readWitnesses(
  readLogOwners: WitnessingParts['readLogOwners'],
): Promise<readonly WitnessAddress[]> {
  const owners = await readLogOwners(WITNESSES_MAX)
  return owners
    .flatMap(({ entityId, log }) => witnessesOf(entityId, log).map((address, rank) => ({ address, rank })))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, WITNESSES_MAX)
    .map(({ address }) => address)
}

/** A witness counts once, however many keys it is listed with. */
export function countWitnesses(addresses: readonly WitnessAddress[]): number {
  return new Set(addresses.map(({ url }) => url)).size
}
