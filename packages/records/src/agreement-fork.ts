import type { AgreementEvent } from './agreement-event.ts'

/** An event as signed, with its identity (W0). */
export interface SignedEvent {
  readonly claims: AgreementEvent
  readonly jws: string
  readonly hash: string
}

/** Two events of one party for one place in its chain: it told different things, and both are signed. */
export interface EventFork {
  readonly entityId: string
  readonly seq: number
  readonly known: SignedEvent
  readonly other: SignedEvent
}

/**
 * Where what somebody else was told of an agreement is not what is known here: for each party the first place at which its
 * events part. Whether both are truly signed is the caller's to verify; what follows such a place proves nothing more.
 */
export function findEventForks(
  known: readonly SignedEvent[],
  told: readonly SignedEvent[],
): readonly EventFork[] {
  const forks = new Map<string, EventFork>()
  for (const other of told) {
    const { iss, agreement, seq } = other.claims
    const here = known.find(
      ({ claims }) => claims.iss === iss && claims.agreement === agreement && claims.seq === seq,
    )
    if (here === undefined || here.hash === other.hash) continue
    const first = forks.get(iss)
    if (first === undefined || seq < first.seq) forks.set(iss, { entityId: iss, seq, known: here, other })
  }
  return [...forks.values()]
}
