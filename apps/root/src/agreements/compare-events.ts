import { RegistryError } from '@arc3088/problems'
import { findEventForks } from '@arc3088/records'
import { numericDate, repeat, type Repetition } from '@arc3088/service'
import { verifyEventChain, type ChainedEvent } from '@arc3088/trust'

import type { RootDeps } from '../deps.ts'
import { fetchEvents, type FetchedEvent } from './fetch-events.ts'
import { keepFork } from './keep-fork.ts'
import { isOver, stageOf, type KnownAgreement } from './known-agreement.ts'
import { lockAgreement } from './sign-terms.ts'
import { takeEvent } from './take-event.ts'

/** How often each party is asked what it was told by the others. */
const COMPARE_MILLISECONDS = 300_000

/** Asks the parties of living agreements, again and again, what they have been told, and compares; not at the start. */
export function keepComparing(deps: RootDeps): Repetition {
  let isFirst = true
  const turn = async (): Promise<void> => {
    if (!isFirst) await compareAll(deps)
    isFirst = false
  }
  return repeat(turn, {
    milliseconds: COMPARE_MILLISECONDS,
    onFault: (error) =>
      deps.node.log.error({ err: error }, 'what the parties were told could not be compared'),
  })
}

/** Compares every agreement that is not over with what each of its other parties serves. */
export async function compareAll(deps: RootDeps): Promise<void> {
  if (deps.node.gate.mode() !== 'read-write') return
  const { entityId, ambient } = deps.node
  const all = await deps.agreements.all()
  const at = numericDate(ambient.now())
  for (const agreement of all.filter(
    (each) => each.missing.length === 0 && !isOver(stageOf(each, all, at)),
  )) {
    for (const { entity_id: party } of agreement.claims.parties)
      if (party !== entityId) await compareWith(deps, agreement, party)
  }
}

/**
 * Holds what one party serves of an agreement against what is known here. A party that told it another thing than this root
 * is found out: both events are kept. What is new here, and truly of another party, is taken.
 */
export async function compareWith(deps: RootDeps, agreement: KnownAgreement, toldBy: string): Promise<void> {
  await goOn(deps, toldBy, async () => {
    const told = await fetchEvents(deps, toldBy, agreement.id)
    await keepForks(deps, agreement.id, { told, toldBy })
    const unknown = told.filter(({ claims, hash }) => isUnknown(agreement, { claims, hash }))
    for (const [issuer, events] of Map.groupBy(unknown, ({ claims }) => claims.iss))
      await goOn(deps, issuer, async () => await takeUnknown(deps, agreement, { issuer, events }))
  })
}

/** What fails of one party, and be it in the database, keeps nothing of the others from being compared. */
async function goOn({ node }: RootDeps, party: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const about = { err: error, 'entity.id': party }
    const text = 'what a party was told could not be compared'
    if (error instanceof RegistryError) node.log.warn(about, text)
    else node.log.error(about, text)
  }
}

function isUnknown(
  { events }: KnownAgreement,
  { claims: { iss, seq }, hash }: Pick<FetchedEvent, 'claims' | 'hash'>,
): boolean {
  return !events.some((each) => each.hash === hash || (each.claims.iss === iss && each.claims.seq === seq))
}

async function keepForks(
  deps: RootDeps,
  id: string,
  { told, toldBy }: { told: readonly FetchedEvent[]; toldBy: string },
): Promise<void> {
  await deps.node.db.transaction().execute(async (tx) => {
    await lockAgreement(tx, id)
    const agreement = await deps.agreements.read(tx, id)
    if (agreement === undefined) return
    for (const fork of findEventForks(agreement.events, told)) {
      if (await isSigned(deps, agreement, fork.other)) await keepFork(deps, tx, { agreement, fork, toldBy })
    }
  })
}

/** Whether an event is truly its issuer's, after the events before it that are known here. */
async function isSigned(
  deps: RootDeps,
  agreement: KnownAgreement,
  { claims: { iss, seq }, jws }: Pick<ChainedEvent, 'claims' | 'jws'>,
): Promise<boolean> {
  const before = agreement.events.filter(({ claims }) => claims.iss === iss && claims.seq < seq)
  const texts = [...before.map((each) => each.jws), jws]
  return !('kind' in (await verifyEventChain(texts, agreement, await deps.agreements.keysOf([iss]))))
}

async function takeUnknown(
  deps: RootDeps,
  { id }: KnownAgreement,
  { issuer, events }: { issuer: string; events: readonly FetchedEvent[] },
): Promise<void> {
  const { entityId, log } = deps.node
  for (const { claims, jws } of events.toSorted((a, b) => a.claims.seq - b.claims.seq)) {
    if (issuer === entityId) {
      const lost = { 'agreement.id': id, 'event.seq': claims.seq }
      log.error(lost, 'another party has an event in the name of this root that is not known here')
    } else {
      await takeEvent(deps, { id, jws, sender: issuer })
    }
  }
}
