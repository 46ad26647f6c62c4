import type { Subject } from '@arc3088/codec'
import type { AssignmentRecord, SubordinateStatement } from '@arc3088/records'
import { MEDIA_TYPE, recordHash } from '@arc3088/records'
import type { VerifyRecord } from '@arc3088/trust'
import { pathOf } from '@arc3088/trust'

import type { AnchoredParty } from './anchored-party.ts'
import { addressAt, codeAddress, logProofAddress, pastAnswerAddress } from './anchored-party.ts'
import type { Basket, Collected } from './basket.ts'
import { createBasket } from './basket.ts'
import type { Patience } from './document-source.ts'
import { reachRecognised } from './foreign-walk.ts'
import { verifyUnderFormerKey } from './former-key.ts'
import type { ListWanted } from './recognition-list.ts'
import type { AnyStation, RootStation, WalkParts } from './stations.ts'
import { reachProvider, reachRoot, takeStatement } from './stations.ts'

/** A record found good, and who answers for it. */
interface TakenRecord {
  readonly subject: Subject
  readonly station: AnyStation
  readonly jws: string
}

/** What the walk found on its way down. */
interface Findings {
  readonly lists: ListReference[]
  readonly records: TakenRecord[]
}

/** What is asked for: a subject, now or as it was at an instant in seconds. */
export interface WalkQuestion {
  /** Under the pinned root. */
  readonly subject: Subject | undefined
  /** A text that may be a code under a root which the pinned one recognises. */
  readonly foreign?: string | undefined
  readonly asOf?: number | undefined
  readonly listWanted?: ListWanted | undefined
}

/** What a walk brought home, and what the text turned out to be, where that took the recognition list to tell. */
export interface Walked extends Collected {
  readonly recognised?: Subject
}

type OneWalk = WalkParts & Pick<WalkQuestion, 'asOf'>

/** The address of a status list that a verified document refers to, and who answers for it. */
interface ListReference {
  readonly uri: string
  readonly party: AnchoredParty
}

/**
 * Collects the evidence for a subject: key sets and configuration of the root, its record of and statement about the
 * provider, the provider's configuration, the records from the provider down, the status lists all of these refer to,
 * and where the anchor names a witnessed log, the proof that it has the record. Where that is still to come, or the
 * question is about the past, also the live answer. Each address comes out of something verified already and lies on an
 * origin of the party that signed it; what the caller asked for only ever fills the path. For a code under another root
 * the pinned one is asked for its recognition list, and the walk goes on from the root that it names. Without a subject
 * only the root is asked, about itself.
 */
export async function walk(
  parts: WalkParts,
  { subject, foreign, asOf, listWanted }: WalkQuestion,
  patience: Patience,
): Promise<Walked> {
  const basket = createBasket(parts.source, patience)
  // Until the root has said that it recognises nobody, whom it recognises is what is missing.
  if (foreign !== undefined) basket.evidence.recognition = { root_keys: [] }
  const root = await reachRoot(parts, basket)
  if (root === undefined) return basket.close()
  if (foreign !== undefined) {
    const reached = await reachRecognised(parts, basket, root, { text: foreign, listWanted })
    if (reached === undefined) return basket.close()
    await walkBelow({ ...reached.parts, asOf }, basket, reached.root, reached.subject)
    return { ...basket.close(), recognised: reached.subject }
  }
  if (subject?.prefix === root.authority.prefix) await walkBelow({ ...parts, asOf }, basket, root, subject)
  return basket.close()
}

/** Everything below a root, and what a record of the root's own needs. */
async function walkBelow(parts: OneWalk, basket: Basket, root: RootStation, subject: Subject): Promise<void> {
  const { asOf } = parts
  const { lists, records } = await collectRecords(parts, basket, root, pathOf(subject))
  const [pending] = await Promise.all([collectProofs(basket, records), collectStatusLists(basket, lists)])
  const last = records.at(-1)
  const isPending = pending.some(({ station }) => station.party === last?.station.party)
  // Where the path ended early, the negative that ended it is the answer.
  if (last !== undefined && basket.evidence.resolution === undefined && (isPending || asOf !== undefined)) {
    await takeLiveAnswer(basket, last, asOf)
  }
}

/** Takes the answer of a node about one subject: its record where it was assigned, else the signed negative. */
async function takeRecord(
  { verifyRecord, asOf }: OneWalk,
  basket: Basket,
  station: AnyStation,
  subject: Subject,
): Promise<(TakenRecord & { claims: AssignmentRecord }) | undefined> {
  const { party, template, issuers } = station
  const answer = await basket.take('code', codeAddress(party, template, subject), subject.text)
  if (answer === undefined) return undefined
  if (answer.mediaType === MEDIA_TYPE.resolutionAnswer) {
    if (asOf === undefined) basket.evidence.resolution = answer.body
    else await takeLiveAnswer(basket, { subject, station }, asOf)
    return undefined
  }
  basket.evidence.records.push(answer.body)
  const claims = await verifiedRecord(verifyRecord, basket, station, answer.body)
  if (claims === undefined || !issuers.includes(claims.iss) || claims.sub !== subject.text) return undefined
  return { subject, station, jws: answer.body, claims }
}

/** The claims of a record signed by a key of the node; the keys it had before are asked for only where it needs one. */
async function verifiedRecord(
  verifyRecord: VerifyRecord,
  basket: Basket,
  { party, authority, keyHistoryUri }: AnyStation,
  jws: string,
): Promise<AssignmentRecord | undefined> {
  const verified = await verifyRecord(jws, authority.issuingKeys)
  if (verified.kind === 'read') return verified.claims
  if (verified.reason !== 'key-unknown' || keyHistoryUri === undefined) return undefined
  const history = await basket.take('key-history', addressAt(party, keyHistoryUri), 'key history')
  if (history === undefined) return undefined
  const { keyHistories } = basket.evidence
  if (!keyHistories.includes(history.body)) keyHistories.push(history.body)
  return await verifyUnderFormerKey(jws, history.body, authority.federationKeys)
}

/** Collects statements and records top-down, and the status lists they refer to. Stops where the path ends. */
async function collectRecords(
  parts: OneWalk,
  basket: Basket,
  root: RootStation,
  [first, ...below]: readonly Subject[],
): Promise<Findings> {
  const own = first === undefined ? undefined : await takeRecord(parts, basket, root, first)
  if (own === undefined) return { lists: [], records: [] }
  const lists = [listOf(root.party, own.claims)]
  const records: TakenRecord[] = [own]
  const statement = await takeStatement(parts, basket, root, own.claims.code_assignment.entity_id)
  if (statement === undefined) return { lists, records }
  lists.push(listOf(root.party, statement.grant.statement))
  const provider = await reachProvider(parts, basket, root, statement)
  if (provider === undefined) return { lists, records }
  for (const subject of below) {
    const record = await takeRecord(parts, basket, provider, subject)
    if (record === undefined) break
    lists.push(listOf(provider.party, record.claims))
    records.push(record)
  }
  return { lists, records }
}

/** Takes the log proofs of records whose log the anchor says is witnessed; answers those that are still to come. */
async function collectProofs(
  basket: Basket,
  records: readonly TakenRecord[],
): Promise<readonly TakenRecord[]> {
  const pending = await Promise.all(
    records.map(async (record) => {
      const { subject, station, jws } = record
      if (station.log === undefined || station.log.quorum === 0) return []
      const address = logProofAddress(station.party, station.template, subject)
      const proof = await basket.take('log-proof', address, `log proof of ${subject.text}`)
      if (proof === undefined) return []
      if (proof.status !== 200) return [record]
      basket.evidence.logProofs[await recordHash(jws)] = proof.body
      return []
    }),
  )
  return pending.flat()
}

/** The node's word on the last record it gave, now or as of an instant. */
async function takeLiveAnswer(
  basket: Basket,
  { subject, station: { party, template } }: Pick<TakenRecord, 'subject' | 'station'>,
  asOf: number | undefined,
): Promise<void> {
  const address =
    asOf === undefined
      ? codeAddress(party, template, subject)
      : pastAnswerAddress(party, template, { subject, asOf })
  const answer = await basket.take('live-answer', address, subject.text)
  basket.evidence.resolution = answer?.body
}

function listOf(
  party: AnchoredParty,
  { status }: Pick<AssignmentRecord | SubordinateStatement, 'status'>,
): ListReference {
  return { uri: status.status_list.uri, party }
}

/** Takes each list once, however many refer to it. */
async function collectStatusLists(basket: Basket, lists: readonly ListReference[]): Promise<void> {
  const distinct = new Map(lists.map((list) => [list.uri, list]))
  const tokens = await Promise.all(
    [...distinct.values()].map(({ uri, party }) =>
      basket.take('status-list', addressAt(party, uri), `status list ${uri}`),
    ),
  )
  basket.evidence.statusListTokens.push(...tokens.flatMap((token) => token?.body ?? []))
}
