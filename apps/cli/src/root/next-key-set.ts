import type { PublicJwk, RootKeySet } from '@arc3088/records'

import { Refusal } from '../failure.ts'

/** What is to change with the next key set. */
export interface KeySetChange {
  readonly rootKeys: readonly PublicJwk[]
  readonly federationKeys: readonly PublicJwk[]
  /** Kids that stand in it no more. */
  readonly drop: readonly string[]
  readonly threshold: number | undefined
  readonly nbf: number
  readonly exp: number
}

/** The set that follows: all of the one before that is not dropped, and what is new. @throws Refusal */
export function nextKeySet(
  before: { readonly claims: RootKeySet; readonly hash: string } | { readonly entityId: string },
  { rootKeys, federationKeys, drop, threshold, nbf, exp }: KeySetChange,
): RootKeySet {
  const former = 'claims' in before ? before.claims : undefined
  const known = [...(former?.root_keys ?? []), ...(former?.keys.federation ?? [])].map(({ kid }) => kid)
  const unknown = drop.filter((kid) => !known.includes(kid))
  if (unknown.length > 0)
    throw new Refusal('key-unknown', `--drop ${unknown.join(', ')}: not in the set before`)
  const needed = threshold ?? former?.threshold
  if (needed === undefined)
    throw new Refusal('threshold-missing', '--threshold: how many root keys sign the first set')
  return {
    iss: 'claims' in before ? before.claims.iss : before.entityId,
    seq: (former?.seq ?? 0) + 1,
    prev: 'claims' in before ? before.hash : null,
    threshold: needed,
    root_keys: joined(former?.root_keys ?? [], rootKeys, drop),
    keys: { federation: joined(former?.keys.federation ?? [], federationKeys, drop) },
    nbf,
    exp,
  }
}

function joined(
  before: readonly PublicJwk[],
  added: readonly PublicJwk[],
  drop: readonly string[],
): PublicJwk[] {
  const kept = before.filter(({ kid }) => !drop.includes(kid))
  return [...kept, ...added.filter(({ kid }) => !kept.some((key) => key.kid === kid))]
}
