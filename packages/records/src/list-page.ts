import canonicalize from 'canonicalize'
import { z } from 'zod'

import { Base64urlSha256, EntityId, NumericDate } from './claims.ts'
import { sha256Base64url } from './digest.ts'
import type { PublicJwk } from './jwk.ts'
import { timeFault } from './time-window.ts'
import type { Rejected, Verification } from './verification.ts'
import { rejected } from './verification.ts'

/** Lifetime of a list of the authority, as of its recognition list (W10). */
export const AUTHORITY_LIST_LIFETIME_SECONDS = 3600
/** How long one may be cached: what it says of a change is known after this at the latest. */
export const AUTHORITY_LIST_TTL_SECONDS = 60
/** Pages of a list at most; a reader asks for no more. */
export const LIST_PAGES_MAX = 1000

/** What every page of a paged list says of the whole list (W10). */
export const LIST_PAGE_CLAIMS = {
  iss: EntityId,
  iat: NumericDate,
  exp: NumericDate,
  /** Seconds. */
  ttl: z.int().min(1).max(AUTHORITY_LIST_LIFETIME_SECONDS),
  /** Grows by one with every decision about the list; signing the same content anew does not change it. */
  seq: z.int().min(1),
  /** `digest` of the list before; null in list 1. */
  prev: Base64urlSha256.nullable(),
  /** Of seq, prev and the digests of all pages: see {@link listDigest}. */
  digest: Base64urlSha256,
  page: z.int().min(1).max(LIST_PAGES_MAX),
  pages: z.int().min(1).max(LIST_PAGES_MAX),
}

/** A page of any list, as far as all lists are alike. */
export interface ListPage<Entry> {
  readonly iss: string
  readonly iat: NumericDate
  readonly exp: NumericDate
  readonly ttl: number
  readonly seq: number
  readonly prev: string | null
  readonly digest: string
  readonly page: number
  readonly pages: number
  readonly entries: readonly Entry[]
}

/** What a reader of a list remembers of it: the number, and the digest that binds everything up to it. */
export interface ListStanding {
  readonly seq: number
  readonly prev: string | null
  readonly digest: string
}

/** A whole list, put together from its pages. */
export interface WholeList<Entry> extends ListStanding {
  readonly iss: string
  /** When the oldest page was signed, and the earliest expiry. */
  readonly iat: NumericDate
  readonly exp: NumericDate
  readonly ttl: number
  readonly entries: readonly Entry[]
}

/** Relations between the claims of a page that hold for every list. */
export function listPageFault(claims: ListPage<unknown>): Rejected | undefined {
  const { iat, exp, seq, prev, page, pages } = claims
  if (exp <= iat) return rejected('claims-invalid', 'exp is not after iat')
  if (exp - iat > AUTHORITY_LIST_LIFETIME_SECONDS)
    return rejected('lifetime-too-long', `a list lives ${AUTHORITY_LIST_LIFETIME_SECONDS} s at most`)
  if ((seq === 1) !== (prev === null))
    return rejected('claims-invalid', 'prev is null in list 1 and only there')
  return page <= pages ? undefined : rejected('claims-invalid', `page ${page} of ${pages}`)
}

/** base64url SHA-256 of the JCS form of the entries of one page. */
export async function pageDigest(entries: readonly unknown[]): Promise<string> {
  return await sha256Base64url(canonicalForm(entries))
}

/** base64url SHA-256 of the JCS form of {seq, prev, pages}: one list of each number, each bound to the one before. */
export async function listDigest(list: {
  seq: number
  prev: string | null
  pages: readonly string[]
}): Promise<string> {
  const { seq, prev, pages } = list
  return await sha256Base64url(canonicalForm({ seq, prev, pages }))
}

function canonicalForm(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('the value has no JSON form')
  return text
}

/**
 * Puts a list together from verified pages in their order: all of them, of one list, and with the very entries that its
 * digest binds.
 */
export async function assembleList<Entry>(
  pages: readonly ListPage<Entry>[],
): Promise<WholeList<Entry> | Rejected> {
  const [first] = pages
  if (first === undefined) return rejected('claims-invalid', 'the list has no page')
  const { iss, seq, prev, digest } = first
  if (pages.length !== first.pages)
    return rejected('claims-invalid', `${pages.length} of ${first.pages} pages`)
  const isOne = pages.every(
    (page, nth) =>
      page.page === nth + 1 &&
      page.pages === first.pages &&
      page.iss === iss &&
      page.seq === seq &&
      page.prev === prev &&
      page.digest === digest,
  )
  if (!isOne) return rejected('claims-invalid', 'the pages are not of one list, in their order')
  const digests = await Promise.all(pages.map(({ entries }) => pageDigest(entries)))
  if ((await listDigest({ seq, prev, pages: digests })) !== digest)
    return rejected('claims-invalid', 'the digest is not that of the pages')
  return {
    iss,
    seq,
    prev,
    digest,
    iat: Math.min(...pages.map(({ iat }) => iat)),
    exp: Math.min(...pages.map(({ exp }) => exp)),
    ttl: Math.min(...pages.map(({ ttl }) => ttl)),
    entries: pages.flatMap(({ entries }) => entries),
  }
}

/** Who must have signed a list, how its pages are verified, and when it must hold. */
export interface ListTrust<Entry> {
  readonly verify: (text: string, keys: readonly PublicJwk[]) => Promise<Verification<ListPage<Entry>>>
  readonly keys: readonly PublicJwk[]
  readonly issuer: string
  readonly at: NumericDate
}

/**
 * Asks for the pages of a list one after the other, and puts them together where each of them holds. One that changes
 * meanwhile does not hold together, and is asked for again another time.
 */
export async function collectList<Entry>(
  readPage: (page: number) => Promise<string>,
  { verify, keys, issuer, at }: ListTrust<Entry>,
): Promise<WholeList<Entry> | Rejected> {
  const pages: ListPage<Entry>[] = []
  do {
    const verified = await verify(await readPage(pages.length + 1), keys)
    if (verified.kind === 'rejected') return verified
    const { claims } = verified
    const fault = timeFault(claims, at)
    if (fault !== undefined) return rejected('claims-invalid', `page ${claims.page} is ${fault}`)
    if (claims.iss !== issuer) return rejected('claims-invalid', `the list is of ${claims.iss}`)
    pages.push(claims)
  } while (pages.length < (pages[0]?.pages ?? 0))
  return await assembleList(pages)
}

/** How a list stands to the one that its reader knows. */
export type ListSuccession = 'first' | 'same' | 'newer' | 'rolled-back' | 'forked'

/** Judges a list by the last one that was taken: a lower number is a rollback, another content of one number a fork. */
export function judgeListSuccession(
  known: Pick<ListStanding, 'seq' | 'digest'> | undefined,
  next: ListStanding,
): ListSuccession {
  if (known === undefined) return 'first'
  if (next.seq < known.seq) return 'rolled-back'
  if (next.seq === known.seq) return next.digest === known.digest ? 'same' : 'forked'
  return next.seq === known.seq + 1 && next.prev !== known.digest ? 'forked' : 'newer'
}
