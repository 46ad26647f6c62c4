import type { Level } from '@arc3088/codec'
import { prefixesOverlap, readRootPrefix } from '@arc3088/codec'
import type { NumericDate, RecognitionAgreement, RecognitionScope } from '@arc3088/records'
import { RESOLUTION_PURPOSE } from '@arc3088/records'

/** A prefix that may not be recognised, and what it meets. */
export interface OverlapFault {
  readonly prefix: string
  /** `malformed` is no root prefix at all. */
  readonly with: 'malformed' | 'own' | 'recognised'
  /** The prefix that it is, lies below or lies above. */
  readonly other?: string
}

/**
 * The first of the new prefixes that is, or lies below or above, one's own or one that is already recognised (annex B c):
 * two roots would assign the same codes. Leave out of `recognised` what the new agreement replaces.
 */
export function overlapFault(
  newPrefixes: readonly string[],
  own: readonly string[],
  recognised: readonly string[],
): OverlapFault | undefined {
  for (const prefix of newPrefixes) {
    const read = readRootPrefix(prefix)
    if (typeof read !== 'string') return { prefix, with: 'malformed' }
    const meets = (other: string) => {
      const there = readRootPrefix(other)
      return typeof there === 'string' && prefixesOverlap(read, there)
    }
    const ofOwn = own.find(meets)
    if (ofOwn !== undefined) return { prefix, with: 'own', other: ofOwn }
    const ofOther = recognised.find(meets)
    if (ofOther !== undefined) return { prefix, with: 'recognised', other: ofOther }
  }
  return undefined
}

/** Whether, by the terms, one party recognises the codes of another: both ways, or the first party those of the others. */
export function recognises(terms: RecognitionAgreement, entityId: string, other: string): boolean {
  const ids = terms.parties.map((party) => party.entity_id)
  if (entityId === other || !ids.includes(entityId) || !ids.includes(other)) return false
  return terms.scope.reciprocal || ids[0] === entityId
}

/** What of a code lies outside the scope of an agreement. */
export type ScopeFault = 'level' | 'scheme-version' | 'purpose'

/** Whether a code of this level and scheme version is within what the parties recognise for resolution. */
export function scopeFault(
  { levels, scheme_versions: versions, purposes }: RecognitionScope,
  { level, version }: { readonly level: Level; readonly version: string },
): ScopeFault | undefined {
  if (!levels.includes(level)) return 'level'
  if (!versions.includes(version)) return 'scheme-version'
  return purposes.includes(RESOLUTION_PURPOSE) ? undefined : 'purpose'
}

/** What of an agreement's dates keeps a party from signing it now. */
export type DateFault = 'issued-in-future' | 'expired' | 'review-overdue'

/** Whether terms can still be agreed on at an instant: neither from the future, nor over, nor due for review already. */
export function agreementDateFault(
  { iat, exp, review_by: reviewBy }: RecognitionAgreement,
  at: NumericDate,
  skewSeconds = 0,
): DateFault | undefined {
  if (iat > at + skewSeconds) return 'issued-in-future'
  if (at > exp) return 'expired'
  return at > reviewBy ? 'review-overdue' : undefined
}

/**
 * What keeps `next` from being the version that replaces `before`: it must name it, follow it by one, and be agreed by
 * parties of which at least one was there before.
 */
export function successionFault(
  next: RecognitionAgreement,
  before: { readonly claims: RecognitionAgreement; readonly hash: string },
): 'supersedes-other' | 'version-not-next' | 'parties-other' | undefined {
  const { jti, version, parties } = before.claims
  if (next.supersedes?.jti !== jti || next.supersedes.hash !== before.hash) return 'supersedes-other'
  if (next.version !== version + 1) return 'version-not-next'
  const known = new Set(parties.map((party) => party.entity_id))
  return next.parties.some((party) => known.has(party.entity_id)) ? undefined : 'parties-other'
}

/** Whether an entity identifier's host is among permitted names (OpenID Federation 1.0 §6.2.2); `.example` is any host below. */
export function isNamePermitted(entityId: string, permitted: readonly string[]): boolean {
  const host = URL.canParse(entityId) ? new URL(entityId).hostname : ''
  return permitted.some((name) =>
    name.startsWith('.') ? host.endsWith(name.toLowerCase()) : host === name.toLowerCase(),
  )
}
