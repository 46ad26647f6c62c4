import { STATUS_TOKEN_TTL_SECONDS } from '@arc3088/records'

import type { StatedLife } from './document-kind.ts'

/** From when to when a fetched document may be used; milliseconds since the epoch. */
export interface Lifetime {
  readonly freshUntil: number
  readonly usableUntil: number
}

/** Used where a node does not say how long its statements may be kept. */
const STATEMENT_FRESH_SECONDS = 60
/** A statement is asked for again long before it expires, so that an outage begins with most of its life left. */
const FRESH_SHARE_OF_LIFE = 0.25
/** A record never changes (W3); a day bounds how long a bad one can be kept. */
const RECORD_FRESH_SECONDS = 86_400
/** Nothing is kept longer, whatever it says of itself. */
const KEPT_SECONDS_MAX = 30 * 86_400

/**
 * Seconds for which the answer may be kept by its Cache-Control (RFC 9111 section 5.2.2), less the Age it arrived with;
 * undefined where it says nothing.
 */
export function maxAgeSeconds(headers: Readonly<Record<string, string>>): number | undefined {
  const directives = (headers['cache-control'] ?? '').split(',').map((each) => each.trim().toLowerCase())
  if (directives.includes('no-store') || directives.includes('no-cache')) return 0
  const stated = directives.find((each) => each.startsWith('max-age='))?.slice('max-age='.length)
  if (stated === undefined || !/^\d{1,9}$/.test(stated)) return undefined
  const age = /^\d{1,9}$/.test(headers['age'] ?? '') ? Number(headers['age']) : 0
  return Math.max(0, Number(stated) - age)
}

function freshSeconds(
  { exp, ttl, immutable }: StatedLife,
  isNegative: boolean,
  maxAge: number | undefined,
  now: number,
): number {
  // A code that was not assigned a moment ago may be now: a negative is asked for every time.
  if (isNegative) return 0
  if (immutable === true) return RECORD_FRESH_SECONDS
  if (ttl !== undefined) return Math.min(ttl, maxAge ?? STATUS_TOKEN_TTL_SECONDS)
  const share = exp === undefined ? 0 : (exp - now / 1000) * FRESH_SHARE_OF_LIFE
  return Math.min(maxAge ?? STATEMENT_FRESH_SECONDS, share)
}

/**
 * How long a document may be used, from what it says, what its node says, and the time of its fetch (milliseconds).
 * Never past its own expiry; fresh never longer than usable.
 */
export function lifetimeOf(
  life: StatedLife,
  fetched: { headers: Readonly<Record<string, string>>; isNegative: boolean; at: number },
): Lifetime {
  const { at, headers, isNegative } = fetched
  const expiry = life.exp === undefined ? Number.POSITIVE_INFINITY : life.exp * 1000
  const usableUntil = Math.min(expiry, at + KEPT_SECONDS_MAX * 1000)
  const seconds = freshSeconds(life, isNegative, maxAgeSeconds(headers), at)
  return { freshUntil: Math.min(usableUntil, at + Math.max(0, seconds) * 1000), usableUntil }
}
