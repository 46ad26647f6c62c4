import type { RootPrefix, Subject } from '@arc3088/codec'
import { readRootPrefix, readSubject } from '@arc3088/codec'
import type { RecognitionEntry, RecognitionList } from '@arc3088/records'
import { verifyRecognitionList } from '@arc3088/records'

import { addressAt } from './anchored-party.ts'
import type { Basket } from './basket.ts'
import type { KnownList } from './list-memory.ts'
import type { RootStation, WalkParts } from './stations.ts'

/** How new a list is wanted, beyond what it says of its own life; milliseconds since the epoch. */
export interface ListWanted {
  /** One that was signed before is asked for again, */
  readonly signedAfter: number
  /** unless it was fetched after this. */
  readonly fetchedAfter: number
}

/** However little age is allowed, the list is not asked for more often. */
const REFETCH_SECONDS = 1

/** What is wanted at an instant, in milliseconds, of a list that may be of this age. */
export function listWanted(now: number, maxAgeSeconds: number): ListWanted {
  return { signedAfter: now - maxAgeSeconds * 1000, fetchedAfter: now - REFETCH_SECONDS * 1000 }
}

const ANY_LIST: ListWanted = { signedAfter: 0, fetchedAfter: 0 }

/**
 * Why a list does not go on from the newest one seen; undefined where it does. A root signs a list anew under its number
 * for as long as it says the same, so that a number stands for what is said, not for one issue: what says something else
 * has another number. That no issue is left out between two, the log of the root shows.
 */
export function successionTrouble(
  { claims: { seq, iat, entries } }: Pick<KnownList, 'claims'>,
  newest: Pick<KnownList, 'claims'> | undefined,
): string | undefined {
  if (newest === undefined) return undefined
  const known = newest.claims
  if (seq < known.seq) return `list ${seq} came, and list ${known.seq} was seen before`
  if (seq > known.seq) return iat < known.iat ? `list ${seq} is older than list ${known.seq}` : undefined
  return sameEntries(entries, known.entries) ? undefined : `another list ${seq} came than was seen before`
}

/** Both were read by one schema, which puts the members in one order. */
function sameEntries(one: readonly RecognitionEntry[], other: readonly RecognitionEntry[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** An earlier issue under the same number may still come from a cache: it says the same, and is nothing newer. */
function isNewer({ claims }: KnownList, newest: KnownList | undefined): boolean {
  return newest === undefined || claims.seq > newest.claims.seq || claims.iat >= newest.claims.iat
}

/**
 * Takes the recognition list of the pinned root into the evidence, and answers it where it is soundly signed. One that
 * is older than another seen before is refused, and that other one goes on counting for as long as its age allows.
 * Undefined too where the root has none: then it recognises nobody.
 */
export async function takeRecognitionList(
  { lists }: WalkParts,
  basket: Basket,
  home: RootStation,
  { signedAfter, fetchedAfter }: ListWanted = ANY_LIST,
): Promise<KnownList | undefined> {
  const { recognitionListUri: uri } = home
  if (uri === undefined) {
    basket.evidence.recognition = undefined
    return undefined
  }
  const rootKeys = basket.evidence.keySets
  basket.evidence.recognition = { root_keys: rootKeys }
  const address = addressAt(home.party, uri)
  const take = async (freshAfter: number) => {
    const document = await basket.take('recognition-list', address, 'recognition list', { freshAfter })
    return { document, came: document === undefined ? undefined : await verifyList(document, home) }
  }
  const first = await take(0)
  const isOld = first.came !== undefined && first.came.claims.iat * 1000 < signedAfter
  const { document, came } = isOld ? await take(fetchedAfter) : first
  const before = lists.newest()
  if (document !== undefined && came === undefined) {
    // Not signed by the root: the verifier says so.
    basket.evidence.recognition = { list: document.body, root_keys: rootKeys }
    return undefined
  }
  const trouble = came === undefined ? undefined : successionTrouble(came, before)
  if (trouble !== undefined)
    basket.complain({ code: 'list-rolled-back', detail: trouble, subject: address ?? uri })
  const list = came !== undefined && trouble === undefined && isNewer(came, before) ? came : before
  if (list === undefined) return undefined
  if (list === came) lists.keep(list)
  basket.evidence.recognition = { list: list.jws, root_keys: rootKeys }
  return list
}

async function verifyList(
  { body, fetchedAt }: { body: string; fetchedAt: number },
  { authority }: RootStation,
): Promise<KnownList | undefined> {
  const verified = await verifyRecognitionList(body, authority.federationKeys)
  if (verified.kind === 'rejected' || verified.claims.iss !== authority.entityId) return undefined
  return { claims: verified.claims, jws: body, fetchedAt }
}

/** The root prefixes of an entry. */
export function prefixesOf({ code_prefixes: texts }: RecognitionEntry): readonly RootPrefix[] {
  return texts.map(readRootPrefix).filter((prefix) => typeof prefix === 'string')
}

/**
 * What a text means under one of the roots that a list names, by the longest prefix: no two of a list overlap. Undefined
 * where it is no code under any of them.
 */
export function findRecognised(
  text: string,
  { entries }: RecognitionList,
): { subject: Subject; entry: RecognitionEntry } | undefined {
  for (const entry of entries) {
    const subject = readSubject(text, { prefixes: prefixesOf(entry) })
    if (subject.kind !== 'malformed') return { subject, entry }
  }
  return undefined
}
