import type { AgreementEvent, NumericDate, RecognitionAgreement } from '@arc3088/records'
import { TOWARDS_ALL } from '@arc3088/records'

import type { OwnState, SeenEvent, Since } from './own-history.ts'
import {
  RESTRICTIVE,
  afterEvent,
  historyTowards,
  inOrder,
  moreRestrictive,
  standingAt,
} from './own-history.ts'

/** How a link, or the whole agreement, stands. */
export type AgreementState = OwnState | 'expired' | 'superseded'

export interface PartyStanding extends Since<OwnState> {
  readonly entityId: string
  /** Towards each other party. */
  readonly towards: ReadonlyMap<string, Since<OwnState>>
  /** Thumbprints of its federation keys that count at the instant. */
  readonly keys: readonly string[]
  /** Thumbprints of its root keys. */
  readonly rootKeys: readonly string[]
}

export interface LinkStanding extends Since<AgreementState> {
  readonly between: readonly [string, string]
  /** Whether it was in force at any instant so far: without that nothing of it is history. */
  readonly wasInForce: boolean
}

/** An agreement at one instant: the outcome of {@link foldAgreement}. */
export interface AgreementStanding extends Since<AgreementState> {
  readonly parties: readonly PartyStanding[]
  /** Of every two parties, once. */
  readonly links: readonly LinkStanding[]
}

/**
 * Whether an event may follow its issuer's earlier ones: at the instant it takes effect it changes how the issuer
 * stands towards at least one party, or, of a key update, its issuer has not left.
 */
export function isInTurn(
  event: AgreementEvent,
  terms: RecognitionAgreement,
  earlier: readonly AgreementEvent[],
): boolean {
  const others = terms.parties.map((party) => party.entity_id).filter((id) => id !== event.iss)
  const about = others.filter((id) => event.towards === TOWARDS_ALL || event.towards === id)
  return about.some((other) => {
    const { state } = standingAt(historyTowards(other, earlier, terms), event.effective)
    return event.event === 'key_update' ? state !== 'terminated' : afterEvent(state, event.event) !== state
  })
}

/** What was found of parties besides their events. */
export interface AgreementFindings {
  /** The `nbf` of the version that replaces this one, or when it is in force for everybody, whichever is later. */
  readonly supersededAt?: NumericDate
  /** Parties that were shown to have said two things, and since when that is known: no later word of theirs counts for more. */
  readonly doubted?: ReadonlyMap<string, NumericDate>
}

interface Folding extends Pick<AgreementFindings, 'doubted'> {
  readonly terms: RecognitionAgreement
  readonly events: readonly SeenEvent[]
  readonly at: NumericDate
}

/** A party's own states towards another; whoever was shown to have said two things is suspended from then on. */
function ownHistory(
  from: string,
  to: string,
  { terms, events, doubted }: Folding,
): readonly Since<OwnState>[] {
  const own = events.filter((event) => event.iss === from)
  const history = historyTowards(to, own, terms)
  const since = doubted?.get(from)
  if (since === undefined) return history
  const reached = moreRestrictive(standingAt(history, since).state, 'suspended')
  const later = history
    .filter((each) => each.since > since)
    .map((each) => ({ ...each, state: moreRestrictive(each.state, 'suspended') }))
  return [...history.filter((each) => each.since <= since), { state: reached, since }, ...later].filter(
    (each, nth, all) => each.state !== all[nth - 1]?.state,
  )
}

function partyStanding(entityId: string, folding: Folding): PartyStanding {
  const { terms, events, at } = folding
  const own = events.filter((event) => event.iss === entityId)
  const towards = new Map(
    terms.parties
      .filter((party) => party.entity_id !== entityId)
      .map(
        (party) => [party.entity_id, standingAt(ownHistory(entityId, party.entity_id, folding), at)] as const,
      ),
  )
  const party = terms.parties.find((each) => each.entity_id === entityId)
  const updates = inOrder(own).filter((event) => event.effective <= at)
  const keys = updates.findLast((event) => event.jwks !== undefined)?.jwks?.keys.map((key) => key.kid)
  const rootKeys = updates.findLast(
    (event) => event.root_keys_thumbprints !== undefined,
  )?.root_keys_thumbprints
  // A party is as far as it is towards the one it lets through most: left only when it has left all.
  const best = [...towards.values()].toSorted(
    (a, b) => RESTRICTIVE.indexOf(b.state) - RESTRICTIVE.indexOf(a.state) || a.since - b.since,
  )[0] ?? { state: 'countersigned', since: terms.iat }
  return {
    entityId,
    ...best,
    towards,
    keys: keys ?? party?.jwks_thumbprints ?? [],
    rootKeys: rootKeys ?? party?.root_keys_thumbprints ?? [],
  }
}

/** When the agreement ends, whatever its parties do: from its expiry, or from the `nbf` of the version that replaces it. */
export function endOfTerms(
  { exp }: RecognitionAgreement,
  supersededAt?: NumericDate,
): Since<'expired' | 'superseded'> {
  return supersededAt === undefined || supersededAt > exp
    ? { state: 'expired', since: exp + 1 }
    : { state: 'superseded', since: supersededAt }
}

/** The states of a link over time, oldest first: of the two own states the more restrictive, between `nbf` and the end. */
function linkHistory(
  [a, b]: readonly [string, string],
  folding: Folding,
  end: Since<'expired' | 'superseded'>,
): readonly Since<AgreementState>[] {
  const { terms } = folding
  const ofA = ownHistory(a, b, folding)
  const ofB = ownHistory(b, a, folding)
  const instants = [
    ...new Set([terms.iat, terms.nbf, end.since, ...[...ofA, ...ofB].map(({ since }) => since)]),
  ]
  const history: Since<AgreementState>[] = []
  for (const instant of instants.toSorted((x, y) => x - y)) {
    const own = moreRestrictive(standingAt(ofA, instant).state, standingAt(ofB, instant).state)
    const begun: AgreementState = instant < terms.nbf && own !== 'terminated' ? 'countersigned' : own
    const state = instant >= end.since && own !== 'terminated' ? end.state : begun
    const last = history.at(-1)?.state
    // What has ended stays as it ended: nobody leaves an agreement that is over.
    if (last === state || last === 'expired' || last === 'superseded') continue
    history.push({ state, since: instant })
  }
  return history
}

function linkStanding(
  between: readonly [string, string],
  folding: Folding,
  end: Since<'expired' | 'superseded'>,
): LinkStanding {
  const reached = linkHistory(between, folding, end).filter((each) => each.since <= folding.at)
  const { state, since } = reached.at(-1) ?? { state: 'countersigned', since: folding.terms.iat }
  return { between, state, since, wasInForce: reached.some((each) => each.state === 'in-force') }
}

/** From the state that lets most through to the one that lets least. */
const LIVELIEST: readonly AgreementState[] = [
  'in-force',
  'suspended',
  'countersigned',
  'superseded',
  'expired',
  'terminated',
]

/** How an agreement as a whole stands: as its liveliest link does, so that it lives while two parties remain. */
function wholeStanding(links: readonly LinkStanding[], terms: RecognitionAgreement): Since<AgreementState> {
  const [state] = links
    .map((link) => link.state)
    .toSorted((a, b) => LIVELIEST.indexOf(a) - LIVELIEST.indexOf(b))
  const alike = links.filter((link) => link.state === state).map((link) => link.since)
  const hasEnded = state === 'terminated'
  return {
    state: state ?? 'countersigned',
    since: alike.length === 0 ? terms.iat : hasEnded ? Math.max(...alike) : Math.min(...alike),
  }
}

/**
 * How an agreement stands at an instant, by its terms and the verified events of its parties (W9): of each party, of each
 * link between two, and as a whole. Before its activation a party stands `countersigned`. A link is the more restrictive
 * of its two ends; nothing is in force before `nbf`, after `exp`, or once a later version has begun (`supersededAt`, its
 * `nbf`). Events that take effect later than `at` count for nothing yet. An event with `seen` lets nothing through before
 * that instant, whatever it says; a party that is doubted is suspended.
 */
export function foldAgreement(
  terms: RecognitionAgreement,
  events: readonly SeenEvent[],
  at: NumericDate,
  { supersededAt, doubted = new Map() }: AgreementFindings = {},
): AgreementStanding {
  const folding = { terms, events, at, doubted }
  const ids = terms.parties.map((party) => party.entity_id)
  const end = endOfTerms(terms, supersededAt)
  const links = ids.flatMap((a, i) => ids.slice(i + 1).map((b) => linkStanding([a, b], folding, end)))
  return {
    ...wholeStanding(links, terms),
    parties: ids.map((entityId) => partyStanding(entityId, folding)),
    links,
  }
}

/** The link between two parties; undefined where one of them is none. */
export function linkBetween({ links }: AgreementStanding, a: string, b: string): LinkStanding | undefined {
  return links.find(({ between }) => between.includes(a) && between.includes(b) && a !== b)
}
