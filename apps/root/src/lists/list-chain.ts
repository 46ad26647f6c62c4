import type { VerifiedDecision } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { listDigest, pageDigest, type ListStanding } from '@arc3088/records'

/** A list as the decisions so far make it. */
export interface DecidedStanding<Entry> extends ListStanding {
  readonly entries: readonly Entry[]
  /** The entries page by page; one empty page where there is none. */
  readonly pages: readonly (readonly Entry[])[]
  /** How many decisions made it. */
  readonly decided: number
  /** The last of them. */
  readonly last: VerifiedDecision | undefined
}

interface Content<Entry> {
  readonly entries: readonly Entry[]
  readonly entriesAPage: number
}

/** List 1: as it is before anything is decided. */
export async function firstStanding<Entry>(content: Content<Entry>): Promise<DecidedStanding<Entry>> {
  return await standingOf(content, { seq: 1, prev: null, decided: 0, last: undefined })
}

/** The list that follows on another: its number is one higher, and it is bound to the one before by that one's digest. */
export async function nextStanding<Entry>(
  before: DecidedStanding<Entry>,
  { last, ...content }: Content<Entry> & { last: VerifiedDecision | undefined },
): Promise<DecidedStanding<Entry>> {
  const { seq, digest, decided } = before
  return await standingOf(content, { seq: seq + 1, prev: digest, decided: decided + 1, last })
}

async function standingOf<Entry>(
  { entries, entriesAPage }: Content<Entry>,
  place: Pick<DecidedStanding<Entry>, 'seq' | 'prev' | 'decided' | 'last'>,
): Promise<DecidedStanding<Entry>> {
  const pages = paged(entries, entriesAPage)
  const digests = await Promise.all(pages.map(pageDigest))
  const digest = await listDigest({ seq: place.seq, prev: place.prev, pages: digests })
  return { ...place, digest, entries, pages }
}

/** Cuts a list into pages; nothing at all is one empty page. */
export function paged<Entry>(entries: readonly Entry[], entriesAPage: number): (readonly Entry[])[] {
  const count = Math.max(1, Math.ceil(entries.length / entriesAPage))
  return Array.from({ length: count }, (_, nth) =>
    entries.slice(nth * entriesAPage, (nth + 1) * entriesAPage),
  )
}

/** The entries with one in the place of that of the same name, or at the end where there is none. */
export function withEntry<Entry>(
  entries: readonly Entry[],
  entry: Entry,
  nameOf: (entry: Entry) => string,
): readonly Entry[] {
  const name = nameOf(entry)
  const place = entries.findIndex((each) => nameOf(each) === name)
  return place === -1 ? [...entries, entry] : entries.with(place, entry)
}

/** One page of a list. @throws RegistryError `request-invalid` where there is none of that number. */
export function demandPage<Entry>(pages: readonly (readonly Entry[])[], number: number): readonly Entry[] {
  const page = pages[number - 1]
  if (page === undefined) throw noPage(number)
  return page
}

/** What is said where a list has no page of a number. */
export function noPage(number: number): RegistryError {
  return new RegistryError('request-invalid', `The list has no page ${number}`)
}
