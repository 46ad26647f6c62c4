import type { AgreementEvent } from './agreement-event.ts'
import { AGREEMENT_PARTIES_MAX } from './agreement-terms.ts'

/** Events of one party that may be of any kind. */
export const AGREEMENT_EVENTS_OF_ANY_KIND = 48
/** Bytes that these may have together. */
const BYTES_OF_ANY_KIND = 131_072
/** Further events by which a party lets less through: it can suspend and leave, whatever it did before. */
export const AGREEMENT_EVENTS_IN_RESERVE = 16
const BYTES_OF_ONE_IN_RESERVE = 8192

/** As many events as one party makes in an agreement. */
export const AGREEMENT_EVENTS_OF_PARTY_MAX = AGREEMENT_EVENTS_OF_ANY_KIND + AGREEMENT_EVENTS_IN_RESERVE
/** As many as all parties of an agreement make: whoever reads less may miss the one that counts. */
export const AGREEMENT_EVENTS_MAX = AGREEMENT_PARTIES_MAX * AGREEMENT_EVENTS_OF_PARTY_MAX
/** Bytes of all events of an agreement. */
export const AGREEMENT_EVENTS_BYTES_MAX =
  AGREEMENT_PARTIES_MAX * (BYTES_OF_ANY_KIND + AGREEMENT_EVENTS_IN_RESERVE * BYTES_OF_ONE_IN_RESERVE)

/** An event of a party's chain, and how long it is as signed. */
export interface RoomTaken {
  readonly event: AgreementEvent['event']
  readonly bytes: number
}

/**
 * Why the last of a party's events has no room, or undefined. What fits into the room for events of any kind stands there;
 * what does not must be a `suspend` or `terminate` out of the reserve, whose last place is for a `terminate`. So nobody's
 * events grow past what others read, and nobody is kept from leaving by what it did before.
 */
export function eventRoomFault(chain: readonly RoomTaken[]): string | undefined {
  let count = 0
  let bytes = 0
  let reserved = 0
  let fault: string | undefined
  for (const each of chain) {
    fault = undefined
    if (count < AGREEMENT_EVENTS_OF_ANY_KIND && bytes + each.bytes <= BYTES_OF_ANY_KIND) {
      count += 1
      bytes += each.bytes
      continue
    }
    reserved += 1
    fault = reserveFault(each, reserved)
  }
  return fault
}

function reserveFault({ event, bytes }: RoomTaken, place: number): string | undefined {
  if (event !== 'suspend' && event !== 'terminate')
    return `past ${AGREEMENT_EVENTS_OF_ANY_KIND} events, or ${BYTES_OF_ANY_KIND} bytes of them, a party only suspends and leaves`
  if (bytes > BYTES_OF_ONE_IN_RESERVE)
    return `an event in reserve has ${BYTES_OF_ONE_IN_RESERVE} bytes at most`
  if (place > AGREEMENT_EVENTS_IN_RESERVE || (place === AGREEMENT_EVENTS_IN_RESERVE && event !== 'terminate'))
    return `of ${AGREEMENT_EVENTS_IN_RESERVE} events in reserve the last is to leave`
  return undefined
}
