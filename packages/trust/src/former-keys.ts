import type { HistoricalKey, KeyHistory, NumericDate, PublicJwk } from '@arc3088/records'
import {
  ENTITY_CONFIGURATION_LIFETIME_SECONDS,
  PROVIDER_ENTITY_TYPE,
  readKeyHistory,
  verifyKeyHistory,
} from '@arc3088/records'

import type { Authorities } from './authority.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'

/** The keys of a sound history, and whose they were. */
export interface FormerKeys {
  readonly entityId: string
  readonly keys: readonly HistoricalKey[]
  readonly iat: NumericDate
  /**
   * Until when it speaks for its entity; infinite for one that serves no more and signs no other. A key may be found
   * stolen at any time, so that a history is believed no longer than the configuration which left the key out.
   */
  readonly exp: NumericDate
}

/**
 * The keys that may sign an entity's history: its present federation keys. Those of an entity that served before are
 * known by thumbprint only (W2), so its history must bring the key itself.
 */
function signersOf(
  history: KeyHistory,
  { root, provider, grant }: Authorities,
): readonly PublicJwk[] | Finding {
  const { iss, keys } = history
  if (iss === root?.entityId) return root.federationKeys
  if (iss === provider?.entityId) return provider.federationKeys
  const predecessors = grant?.statement.metadata[PROVIDER_ENTITY_TYPE].predecessors ?? []
  const thumbprints = predecessors
    .filter((each) => each.entity_id === iss)
    .flatMap((each) => each.jwks_thumbprints)
  if (thumbprints.length > 0) {
    return keys.filter(({ purpose, kid }) => purpose === 'federation' && thumbprints.includes(kid))
  }
  if (root === undefined || provider === undefined) {
    return undecided('part-missing', 'the statements about its signer are missing', 'key history')
  }
  return broken('iss-wrong', `${iss} has no part in this code`, 'key history')
}

async function verifyHistory(text: string, authorities: Authorities): Promise<FormerKeys | Finding> {
  const read = readKeyHistory(text)
  if (read.kind === 'rejected') return findingOf(read, 'key history')
  const signers = signersOf(read.claims, authorities)
  if ('verdict' in signers) return signers
  const verified = await verifyKeyHistory(text, signers)
  if (verified.kind === 'rejected') return findingOf(verified, `key history of ${read.claims.iss}`)
  const { iss, iat, keys } = verified.claims
  const isPresent = iss === authorities.root?.entityId || iss === authorities.provider?.entityId
  const exp = isPresent ? iat + ENTITY_CONFIGURATION_LIFETIME_SECONDS : Number.POSITIVE_INFINITY
  return { entityId: iss, keys, iat, exp }
}

/** Verifies the key histories of a bundle (W8). One that is not sound is reported and counts for nothing. */
export async function verifyKeyHistories(
  texts: readonly string[],
  authorities: Authorities,
  findings: Findings,
): Promise<readonly FormerKeys[]> {
  const histories: FormerKeys[] = []
  for (const outcome of await Promise.all(texts.map((text) => verifyHistory(text, authorities)))) {
    if ('verdict' in outcome) {
      findings.fail('key history', outcome)
    } else {
      findings.pass('key history', `${outcome.keys.length} former keys of ${outcome.entityId}`)
      histories.push(outcome)
    }
  }
  return histories
}

/** How long something that the key signed may have been witnessed for it to count. */
function endOf({ exp, revoked }: HistoricalKey): NumericDate {
  return revoked === undefined ? exp : Math.min(exp, revoked.revoked_at)
}

/**
 * A former issuing key by its `kid`, in the histories of these entities. Where they differ, the one that trusts it least:
 * an older history must not bring back what a newer one takes away.
 */
export function formerIssuingKey(
  kid: string,
  entityIds: readonly string[],
  histories: readonly FormerKeys[],
): HistoricalKey | undefined {
  return histories
    .filter(({ entityId }) => entityIds.includes(entityId))
    .flatMap(({ keys }) => keys)
    .filter((key) => key.kid === kid && key.purpose === 'issuing')
    .toSorted(
      (a, b) => Number(a.revoked === undefined) - Number(b.revoked === undefined) || endOf(a) - endOf(b),
    )
    .at(0)
}
