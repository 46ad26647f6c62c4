import {
  addAgreementPart,
  checkAgreement,
  readAgreement,
  type AgreementJws,
  type KeysOfParty,
  type NumericDate,
  type RecognitionAgreement,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import {
  foldAgreement,
  lateness,
  linkBetween,
  verifyEventChain,
  type AgreementState,
  type ChainedEvent,
} from '@arc3088/trust'

import type { StoredAgreement } from './agreement.store.ts'
import { doubtedParties } from './doubted-parties.ts'

/** An event of an agreement; one of another party that lets more through, with when it came where it came late. */
export interface KnownEvent extends ChainedEvent {
  readonly seen?: NumericDate
}

/** An agreement as far as it is proved: signatures that are good, and each party's events up to the first that is not. */
export interface KnownAgreement {
  readonly id: string
  readonly hash: string
  readonly claims: RecognitionAgreement
  readonly jws: AgreementJws
  /** Who signed, in the order of the terms. */
  readonly signed: readonly string[]
  /** Who did not yet. */
  readonly missing: readonly string[]
  readonly events: readonly KnownEvent[]
  /** The last place that a row has in the name of this root, whether what it holds counts or not; 0 without one. */
  readonly lastOwnPlace: number
  /** Parties that signed two events for one place, and since when that is known here. */
  readonly doubted: ReadonlyMap<string, NumericDate>
  readonly sender: string
  readonly receivedAt: Date
}

/** Where an agreement is on its way (architecture §5); a draft is a pending proposal. */
export type AgreementStage = 'proposed' | 'declined' | AgreementState

/** What was found to be worth nothing. */
export type Complain = (detail: string) => void

/**
 * Verifies what is stored of an agreement. A row that does not verify is passed over and complained of; without one good
 * signature there is nothing. `counts` says whether a good signature may count: this root's own needs a decision.
 */
export async function verifyStored(
  stored: StoredAgreement,
  basis: {
    ownId: string
    keysOfParty: KeysOfParty
    counts: (entityId: string, hash: string) => boolean
    complain: Complain
  },
): Promise<KnownAgreement | undefined> {
  const { id, payload, sender, receivedAt } = stored
  let joined: AgreementJws = { payload, signatures: [] }
  for (const { entityId, protected: header, signature } of stored.signatures) {
    const part = { protected: header, signature }
    const checked = await checkAgreement({ payload, signatures: [part] }, basis.keysOfParty)
    if (checked.kind === 'rejected' || checked.signatures[0]?.entityId !== entityId) {
      basis.complain(`the signature of ${entityId} on agreement ${id} is not good`)
    } else if (!basis.counts(entityId, checked.hash)) {
      basis.complain(`no decision bears out the signature of ${entityId} on agreement ${id}`)
    } else {
      const added = await addAgreementPart(joined, part)
      if ('kind' in added) basis.complain(`agreement ${id}: ${added.detail}`)
      else joined = added
    }
  }
  const read = await readAgreement(joined)
  if (read.kind === 'rejected') return undefined
  const { claims, hash, missing } = read
  if (hash !== stored.hash || !claims.jti.endsWith(id)) {
    basis.complain(`agreement ${id} is not what its row says`)
    return undefined
  }
  const signed = claims.parties.map((party) => party.entity_id).filter((each) => !missing.includes(each))
  const texts = stored.events.map(({ jws: event }) => event)
  const chained = await soundEvents(texts, { claims, hash }, basis)
  const received = new Map(stored.events.map((event) => [event.jws, numericDate(event.receivedAt)]))
  const events = chained.map((event) => asSeen(event, received.get(event.jws), basis.ownId))
  const ownPlaces = stored.events.filter((each) => each.entityId === basis.ownId).map(({ seq }) => seq)
  const doubted = await doubtedParties(stored.forks, { claims, hash }, { chained, ...basis })
  return {
    id,
    hash,
    claims,
    jws: inOrder(joined, read.signatures, signed),
    signed,
    missing,
    events,
    lastOwnPlace: Math.max(0, ...ownPlaces),
    doubted,
    sender,
    receivedAt,
  }
}

/** Of one's own events it is known when they were made. */
function asSeen(event: ChainedEvent, received: NumericDate | undefined, ownId: string): KnownEvent {
  const isOwn = event.claims.iss === ownId
  const seen = isOwn || received === undefined ? undefined : lateness(event.claims, received)
  return seen === undefined ? event : { ...event, seen }
}

/** The signatures in the order of the parties: one agreement has one form. */
function inOrder(
  { payload, signatures }: AgreementJws,
  owners: readonly { readonly entityId: string }[],
  order: readonly string[],
): AgreementJws {
  const ranked = signatures.map((part, nth) => ({ part, rank: order.indexOf(owners[nth]?.entityId ?? '') }))
  return { payload, signatures: ranked.toSorted((a, b) => a.rank - b.rank).map(({ part }) => part) }
}

/** All events where the chains are whole; otherwise of each, in the order stored, what can be added to the rest. */
async function soundEvents(
  texts: readonly string[],
  basis: { claims: RecognitionAgreement; hash: string },
  { keysOfParty, complain }: { keysOfParty: KeysOfParty; complain: Complain },
): Promise<readonly ChainedEvent[]> {
  const whole = await verifyEventChain(texts, basis, keysOfParty)
  if (!('kind' in whole)) return whole
  complain(`the events of agreement ${basis.claims.jti} are not whole: ${whole.reason}: ${whole.detail}`)
  let sound: readonly ChainedEvent[] = []
  for (const text of texts) {
    const more = await verifyEventChain([...sound.map(({ jws }) => jws), text], basis, keysOfParty)
    if (!('kind' in more)) sound = more
  }
  return sound
}

/** The agreement that replaces another one, where there is one that all have signed. */
export function successorOf(
  agreement: KnownAgreement,
  all: readonly KnownAgreement[],
): KnownAgreement | undefined {
  return all.find(
    ({ claims, missing }) =>
      missing.length === 0 &&
      claims.supersedes?.hash === agreement.hash &&
      claims.supersedes.jti === agreement.claims.jti,
  )
}

/** When one version gave way to the next: once the next is in force for everybody. Undefined while it is not. */
export function supersededAt(successor: KnownAgreement | undefined): NumericDate | undefined {
  if (successor === undefined) return undefined
  const { nbf, parties } = successor.claims
  const begins = parties.map(({ entity_id: id }) => {
    const began = successor.events.find(({ claims }) => claims.iss === id && claims.event === 'activate')
    return began === undefined ? undefined : Math.max(began.claims.effective, began.seen ?? 0)
  })
  const known = begins.filter((begin) => begin !== undefined)
  return known.length < begins.length ? undefined : Math.max(nbf, ...known)
}

/** How an agreement stands among all that are known. */
export function standingOf(agreement: KnownAgreement, all: readonly KnownAgreement[], at: NumericDate) {
  const end = supersededAt(successorOf(agreement, all))
  return foldAgreement(
    agreement.claims,
    agreement.events.map(({ claims, seen }) => (seen === undefined ? claims : { ...claims, seen })),
    at,
    { doubted: agreement.doubted, ...(end === undefined ? {} : { supersededAt: end }) },
  )
}

/** Where an agreement is on its way. */
export function stageOf(
  agreement: KnownAgreement,
  all: readonly KnownAgreement[],
  at: NumericDate,
): AgreementStage {
  if (agreement.missing.length === 0) return standingOf(agreement, all, at).state
  if (agreement.events.some(({ claims }) => claims.event === 'terminate')) return 'declined'
  return at > agreement.claims.exp ? 'expired' : 'proposed'
}

const OVER: ReadonlySet<AgreementStage> = new Set(['declined', 'terminated', 'expired', 'superseded'])

/** Whether an agreement has come to its end. */
export function isOver(stage: AgreementStage): boolean {
  return OVER.has(stage)
}

/** Whether two parties are still bound, or about to be, by an agreement. */
export function isLinkAlive(
  agreement: KnownAgreement,
  all: readonly KnownAgreement[],
  { at, between: [a, b] }: { at: NumericDate; between: readonly [string, string] },
): boolean {
  if (isOver(stageOf(agreement, all, at))) return false
  if (agreement.missing.length > 0) return true
  const link = linkBetween(standingOf(agreement, all, at), a, b)
  return link !== undefined && !isOver(link.state)
}
