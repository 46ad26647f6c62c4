import type { DecisionBook, VerifiedDecision } from '@arc3088/issuer'
import {
  AUTHORITY_LIST_LIFETIME_SECONDS,
  AUTHORITY_LIST_TTL_SECONDS,
  type CompactJws,
  type KeyRing,
  type ListPage,
  type Signer,
} from '@arc3088/records'
import { numericDate, type Ambient, type Log } from '@arc3088/service'

import { decidedSoFar } from '../acts/decided-so-far.ts'
import { firstStanding, nextStanding, type DecidedStanding } from './list-chain.ts'

/** What a list is made of, and how it is signed. */
export interface ListRules<Entry> {
  /** Decisions of these kinds make the list, and nothing else does. */
  readonly kinds: readonly string[]
  readonly entriesAPage: number
  /** What stands in list 1, before anything is decided. */
  readonly first: readonly Entry[]
  /** The entries after one more decision; undefined where it is not borne out, which is logged and leaves them. */
  turn(entries: readonly Entry[], decision: VerifiedDecision): Promise<readonly Entry[] | undefined>
  sign(signer: Signer, page: ListPage<Entry>, last: VerifiedDecision | undefined): Promise<CompactJws>
}

/** A list of the authority, always as its officers decided it. */
export interface DecidedList<Entry> {
  standing(): Promise<DecidedStanding<Entry>>
  /** The list with other entries, as one more decision makes it: what is to be logged before it is shown. */
  after(entries: readonly Entry[]): Promise<DecidedStanding<Entry>>
  /** One signed page, the same bytes for a while; undefined where there is none of that number. */
  page(number: number): Promise<CompactJws | undefined>
}

/** A page is signed anew after half its life, so that it can be cached and still be used for a while. */
const REUSED_SECONDS = AUTHORITY_LIST_LIFETIME_SECONDS / 2

interface KeptPage {
  readonly digest: string
  readonly kid: string
  readonly iat: number
  readonly jws: Promise<CompactJws>
}

/**
 * Builds a list as a fold over verified decisions: no row of the database can add to it, take from it, or bring an older
 * one back. Its number is that of the decisions, so that every process of this node gives a list the same number.
 */
export function createDecidedList<Entry>(
  parts: {
    decisions: DecisionBook
    ambient: Ambient
    log: Log
    keys: Pick<KeyRing, 'active'>
    entityId: string
  },
  rules: ListRules<Entry>,
): DecidedList<Entry> {
  const { decisions, ambient, log, keys, entityId } = parts
  const shape = { entriesAPage: rules.entriesAPage }
  let known: Promise<DecidedStanding<Entry>> | undefined
  const kept = new Map<number, KeptPage>()

  async function readOn(from: DecidedStanding<Entry>): Promise<DecidedStanding<Entry>> {
    const decided = await decidedSoFar(decisions, rules.kinds)
    let reached = from
    for (const decision of decided.slice(from.decided)) {
      const entries = await rules.turn(reached.entries, decision)
      if (entries === undefined)
        log.error({ 'proposal.id': decision.proposalId }, `what ${decision.kind} decided is not borne out`)
      reached = await nextStanding(reached, {
        ...shape,
        entries: entries ?? reached.entries,
        last: decision,
      })
    }
    return reached
  }

  /** One reading after the other, each from where the one before came to. */
  async function standing(): Promise<DecidedStanding<Entry>> {
    const before = known ?? firstStanding({ ...shape, entries: rules.first })
    const reading = before.then(readOn)
    known = reading.catch(() => before)
    return await reading
  }

  return {
    standing,
    after: async (entries) => {
      const now = await standing()
      return await nextStanding(now, { ...shape, entries, last: now.last })
    },
    async page(number) {
      const { pages, seq, prev, digest, last } = await standing()
      const entries = pages[number - 1]
      if (entries === undefined) return undefined
      const signer = keys.active('federation')
      const iat = numericDate(ambient.now())
      const earlier = kept.get(number)
      if (
        earlier?.digest === digest &&
        earlier.kid === signer.kid &&
        earlier.iat <= iat &&
        iat < earlier.iat + REUSED_SECONDS
      )
        return await earlier.jws
      const head = {
        iss: entityId,
        iat,
        exp: iat + AUTHORITY_LIST_LIFETIME_SECONDS,
        ttl: AUTHORITY_LIST_TTL_SECONDS,
      }
      const jws = rules.sign(
        signer,
        { ...head, seq, prev, digest, page: number, pages: pages.length, entries },
        last,
      )
      kept.set(number, { digest, kid: signer.kid, iat, jws })
      // What could not be signed is not kept: the next who asks tries again.
      jws.catch(() => kept.delete(number))
      return await jws
    },
  }
}
