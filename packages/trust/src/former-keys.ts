import type { HistoricalKey, KeyHistory, PublicJwk } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE, readKeyHistory, verifyKeyHistory } from '@arc3088/records'

import type { Authorities } from './authority.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'

/** The keys of a sound history, and whose they were. */
export interface FormerKeys {
  readonly entityId: string
  readonly keys: readonly HistoricalKey[]
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
  return { entityId: verified.claims.iss, keys: verified.claims.keys }
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

/** A former issuing key by its `kid`, in the histories of these entities. */
export function formerIssuingKey(
  kid: string,
  entityIds: readonly string[],
  histories: readonly FormerKeys[],
): HistoricalKey | undefined {
  return histories
    .filter(({ entityId }) => entityIds.includes(entityId))
    .flatMap(({ keys }) => keys)
    .find((key) => key.kid === kid && key.purpose === 'issuing')
}
