import type { AgreementEvent, NumericDate, RecognitionAgreement } from '@arc3088/records'
import { TOWARDS_ALL } from '@arc3088/records'

/** How one party stands towards another, by its own word alone. */
export type OwnState = 'countersigned' | 'in-force' | 'suspended' | 'terminated'

/** The more restrictive first. What was never in force lets nothing through, and has no history either. */
export const RESTRICTIVE: readonly OwnState[] = ['terminated', 'countersigned', 'suspended', 'in-force']

/** A state and when it began. */
export interface Since<State> {
  readonly state: State
  readonly since: NumericDate
}

/** An event, and when the recognising root first had it, where {@link lateness} tells that it was late. */
export interface SeenEvent extends AgreementEvent {
  readonly seen?: NumericDate
}

/** How long an event may be on its way before it counts as late, in seconds: as much as clocks may differ. */
export const EVENT_ON_ITS_WAY_SECONDS = 60

/**
 * When an event was seen, where that is what counts: one that lets more through (`activate`, `resume`) and came more than
 * {@link EVENT_ON_ITS_WAY_SECONDS} after it says that it takes effect. Its dates are its issuer's word alone, and whoever
 * makes it later than it says would rewrite what was. One that lets less through is taken at its word, since its issuer
 * only gives up by it; so is one that takes effect after it was seen.
 */
export function lateness(
  { event, effective }: Pick<AgreementEvent, 'event' | 'effective'>,
  seen: NumericDate,
): NumericDate | undefined {
  const isLoosening = event === 'activate' || event === 'resume'
  return isLoosening && seen > effective + EVENT_ON_ITS_WAY_SECONDS ? seen : undefined
}

/** Of two states the one that lets less through. */
export function moreRestrictive(a: OwnState, b: OwnState): OwnState {
  return RESTRICTIVE.indexOf(a) <= RESTRICTIVE.indexOf(b) ? a : b
}

/** What an event makes of its issuer's state towards a party; the same state where it changes nothing. */
export function afterEvent(state: OwnState, event: AgreementEvent['event']): OwnState {
  if (state === 'terminated') return state
  switch (event) {
    case 'activate':
      return state === 'countersigned' ? 'in-force' : state
    case 'suspend':
      return state === 'in-force' ? 'suspended' : state
    case 'resume':
      return state === 'suspended' ? 'in-force' : state
    case 'terminate':
      return 'terminated'
    case 'key_update':
      return state
  }
}

/** The order in which a party's events take effect. */
export function inOrder<Event extends AgreementEvent>(events: readonly Event[]): readonly Event[] {
  return events.toSorted((a, b) => a.effective - b.effective || a.seq - b.seq)
}

/** The state that a history has reached at an instant. */
export function standingAt(history: readonly Since<OwnState>[], at: NumericDate): Since<OwnState> {
  const reached = history.findLast((each) => each.since <= at) ?? history[0]
  return reached ?? { state: 'countersigned', since: at }
}

function asStated(
  other: string,
  events: readonly AgreementEvent[],
  { iat }: RecognitionAgreement,
): readonly Since<OwnState>[] {
  const history: Since<OwnState>[] = [{ state: 'countersigned', since: iat }]
  for (const { event, towards, effective } of inOrder(events)) {
    if (towards !== TOWARDS_ALL && towards !== other) continue
    const before = history.at(-1)?.state ?? 'countersigned'
    const state = afterEvent(before, event)
    if (state !== before) history.push({ state, since: effective })
  }
  return history
}

/** At each instant the more restrictive of two histories. */
function worse(a: readonly Since<OwnState>[], b: readonly Since<OwnState>[]): readonly Since<OwnState>[] {
  const instants = [...new Set([...a, ...b].map(({ since }) => since))].toSorted((x, y) => x - y)
  const history: Since<OwnState>[] = []
  for (const since of instants) {
    const state = moreRestrictive(standingAt(a, since).state, standingAt(b, since).state)
    if (state !== history.at(-1)?.state) history.push({ state, since })
  }
  return history
}

/**
 * A party's own states towards another, oldest first. At each instant what its events say and what was seen of them by then
 * both count, the more restrictive of the two.
 */
export function historyTowards(
  other: string,
  events: readonly SeenEvent[],
  terms: RecognitionAgreement,
): readonly Since<OwnState>[] {
  const stated = asStated(other, events, terms)
  if (events.every(({ seen }) => seen === undefined)) return stated
  const asSeen = events.map((event) => ({
    ...event,
    effective: Math.max(event.effective, event.seen ?? event.effective),
  }))
  return worse(stated, asStated(other, asSeen, terms))
}
