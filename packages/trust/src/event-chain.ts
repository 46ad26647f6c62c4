import type {
  AgreementEvent,
  KeysOfParty,
  PublicJwk,
  RecognitionAgreement,
  RejectionReason,
} from '@arc3088/records'
import { eventRoomFault, readAgreementEvent, recordHash, verifyAgreementEvent } from '@arc3088/records'

import { isInTurn } from './agreement-state.ts'
import { inOrder } from './own-history.ts'

/** Why events do not count: what a document can be refused for, or how a chain of them is broken. Never renamed. */
export type EventFault =
  | RejectionReason
  | 'event-of-another-agreement'
  | 'event-of-stranger'
  | 'event-forked'
  | 'event-missing'
  | 'event-over-limit'
  | 'event-out-of-turn'

export interface EventRefusal {
  readonly kind: 'refused'
  readonly reason: EventFault
  readonly detail: string
}

/** An event whose signature and place in its issuer's chain were found good. */
export interface ChainedEvent {
  readonly claims: AgreementEvent
  readonly jws: string
  /** Identity (W0): what the issuer's next event names as `prev`. */
  readonly hash: string
}

/** An agreement as far as events rest on it. */
export interface EventBasis {
  readonly claims: RecognitionAgreement
  readonly hash: string
}

interface Link extends ChainedEvent {
  readonly kid: string
}

function refused(reason: EventFault, detail: string): EventRefusal {
  return { kind: 'refused', reason, detail }
}

/** Compares by issuer in the order of the parties, then by number. */
function compareEvents(a: Link, b: Link, parties: readonly string[]): number {
  return parties.indexOf(a.claims.iss) - parties.indexOf(b.claims.iss) || a.claims.seq - b.claims.seq
}

async function readLinks(texts: readonly string[], basis: EventBasis): Promise<Link[] | EventRefusal> {
  const { claims: terms, hash: agreementHash } = basis
  const links = new Map<string, Link>()
  for (const text of texts) {
    const read = readAgreementEvent(text)
    if (read.kind === 'rejected') return refused(read.reason, read.detail)
    const { claims, kid } = read
    const name = `event ${claims.seq} of ${claims.iss}`
    if (claims.agreement !== terms.jti || claims.agreement_hash !== agreementHash)
      return refused('event-of-another-agreement', `${name} is about another agreement`)
    const isParty = terms.parties.some((party) => party.entity_id === claims.iss)
    const isTowards = claims.towards === 'all' || terms.parties.some((p) => p.entity_id === claims.towards)
    if (!isParty || !isTowards) return refused('event-of-stranger', `${name} is not between parties`)
    const hash = await recordHash(text)
    // An ES256 signature can be rewritten into another good one: one signing input is one event.
    if (!links.has(hash)) links.set(hash, { claims, jws: text, hash, kid })
  }
  const parties = terms.parties.map((party) => party.entity_id)
  return [...links.values()].toSorted((a, b) => compareEvents(a, b, parties))
}

/** What is wrong with where an event stands in its issuer's chain. */
function placeFault(link: Link, before: readonly ChainedEvent[]): EventRefusal | undefined {
  const { claims } = link
  const last = before.at(-1)
  const name = `event ${claims.seq} of ${claims.iss}`
  if (claims.seq === last?.claims.seq) return refused('event-forked', `there are two of ${name}`)
  if (claims.seq !== (last?.claims.seq ?? 0) + 1)
    return refused('event-missing', `${name} does not follow ${last?.claims.seq ?? 0}`)
  if (claims.prev !== (last?.hash ?? null)) return refused('event-forked', `${name} follows another event`)
  if (claims.iat < (last?.claims.iat ?? 0))
    return refused('event-out-of-turn', `${name} is older than the one before`)
  const room = eventRoomFault(
    [...before, link].map((each) => ({ event: each.claims.event, bytes: each.jws.length })),
  )
  return room === undefined ? undefined : refused('event-over-limit', `${name}: ${room}`)
}

/**
 * Verifies the events of an agreement: each signed by a key that its issuer's entry lists or an earlier `key_update` of
 * the issuer does, each issuer's chain whole from its first event on, each event in its turn. The order of `texts` does
 * not matter. `keysOfParty` gives the keys of the entry; the keys of updates come with the updates.
 *
 * Which events were left off at the end nobody can see here: the recognition list tells.
 */
export async function verifyEventChain(
  texts: readonly string[],
  basis: EventBasis,
  keysOfParty: KeysOfParty,
): Promise<readonly ChainedEvent[] | EventRefusal> {
  const links = await readLinks(texts, basis)
  if ('kind' in links) return links
  const chained: ChainedEvent[] = []
  for (const link of links) {
    const { claims, jws, hash } = link
    const own = chained.filter((each) => each.claims.iss === claims.iss)
    const misplaced = placeFault(link, own)
    if (misplaced !== undefined) return misplaced
    const earlier = own.map((each) => each.claims)
    const keys = updatedKeys(earlier, claims.iat) ?? listedKeys(claims.iss, basis, keysOfParty)
    const verified = await verifyAgreementEvent(jws, keys)
    if (verified.kind === 'rejected') return refused(verified.reason, verified.detail)
    if (!isInTurn(claims, basis.claims, earlier)) {
      return refused(
        'event-out-of-turn',
        `${claims.event}, event ${claims.seq} of ${claims.iss}, changes nothing`,
      )
    }
    chained.push({ claims, jws, hash })
  }
  return chained
}

/** The keys that updates of the issuer list at an instant; undefined while its entry still does. */
function updatedKeys(earlier: readonly AgreementEvent[], at: number): readonly PublicJwk[] | undefined {
  return inOrder(earlier).findLast((each) => each.jwks !== undefined && each.effective <= at)?.jwks?.keys
}

/** The keys that a party's entry lists, of those that are its. */
function listedKeys(
  entityId: string,
  { claims }: EventBasis,
  keysOfParty: KeysOfParty,
): readonly PublicJwk[] {
  const party = claims.parties.find((each) => each.entity_id === entityId)
  return keysOfParty(entityId).filter((key) => party?.jwks_thumbprints.includes(key.kid) === true)
}
