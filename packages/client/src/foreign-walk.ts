import type { Subject } from '@arc3088/codec'
import { isSupportedVersion } from '@arc3088/codec'
import type { RecognitionEntry } from '@arc3088/records'
import type { PinnedAnchor } from '@arc3088/trust'

import { readAgreementHistory, readAgreementJws } from './agreement-parts.ts'
import { addressAt, anchoredParty } from './anchored-party.ts'
import type { Basket } from './basket.ts'
import type { KnownList } from './list-memory.ts'
import type { ListWanted } from './recognition-list.ts'
import { findRecognised, prefixesOf, takeRecognitionList } from './recognition-list.ts'
import type { RootStation, WalkParts } from './stations.ts'
import { reachRoot } from './stations.ts'

/** A root that the pinned one recognises, reached, and the subject asked for below it. */
export interface RecognisedRoot {
  readonly subject: Subject
  readonly root: RootStation
  /** As the parts of the walk, with the recognised root for the pinned one. */
  readonly parts: WalkParts
}

/**
 * From the pinned root to the one that a foreign code stands under: the recognition list of the pinned root, the
 * agreement and the events that its entry names, all from the pinned root, and then the other root's key sets and
 * configuration, held against the key set in the entry. Undefined where the list has no such root, or it cannot be
 * reached; what came is in the basket all the same.
 */
export async function reachRecognised(
  parts: WalkParts,
  basket: Basket,
  home: RootStation,
  { text, listWanted }: { text: string; listWanted: ListWanted | undefined },
): Promise<RecognisedRoot | undefined> {
  const list = await takeRecognitionList(parts, basket, home, listWanted)
  // What was said so far is the pinned root's, and goes into the evidence of its recognition alone.
  basket.evidence.keySets = []
  basket.evidence.statements = []
  const found = list === undefined ? undefined : findRecognised(text, list.claims)
  if (list === undefined || found === undefined || !isSupportedVersion(found.subject.version))
    return undefined
  const { subject, entry } = found
  const foreign = partsUnder(parts, entry)
  if (foreign === undefined) return undefined
  const [root] = await Promise.all([reachRoot(foreign, basket), takeAgreement(basket, home, { entry, list })])
  // Under any other prefix it is nobody here: the verifier says so.
  const isAgreed = root !== undefined && prefixesOf(entry).includes(root.authority.prefix)
  return isAgreed && subject.prefix === root.authority.prefix ? { subject, root, parts: foreign } : undefined
}

/** The walk below a recognised root: pinned is the first key set of its entry, which the pinned root signed. */
function partsUnder(parts: WalkParts, { root_keys: [pin], trust_anchor: entityId }: RecognitionEntry) {
  if (pin === undefined) return undefined
  const anchor: PinnedAnchor = { rootKeys: pin }
  return { ...parts, endorse: parts.endorseUnder(anchor), root: anchoredParty(entityId) }
}

async function takeAgreement(
  basket: Basket,
  home: RootStation,
  { entry, list }: { entry: RecognitionEntry; list: KnownList },
): Promise<void> {
  const { uri } = entry.agreement
  const eventsUri = `${uri}/events`
  const [agreement, events] = await Promise.all([
    basket.take('agreement', addressAt(home.party, uri), 'agreement'),
    // Never older than the list, which speaks of them.
    basket.take('agreement-events', addressAt(home.party, eventsUri), 'events of the agreement', {
      freshAfter: list.fetchedAt,
    }),
  ])
  const jws = agreement === undefined ? undefined : readAgreementJws(agreement.body)
  const history = events === undefined ? undefined : readAgreementHistory(events.body)
  const { recognition } = basket.evidence
  if (recognition === undefined) return
  basket.evidence.recognition = {
    ...recognition,
    ...(jws === undefined ? {} : { agreement: jws }),
    ...(history === undefined
      ? {}
      : { events: history.events, root_keys: [...recognition.root_keys, ...history.rootKeys] }),
  }
}
