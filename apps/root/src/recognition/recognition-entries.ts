import { prefixOverlap, type NumericDate, type RecognitionEntry } from '@arc3088/records'
import { linkBetween, recognises, type AgreementState } from '@arc3088/trust'

import { agreementUri } from '../agreements/agreement-name.ts'
import { standingOf, type KnownAgreement } from '../agreements/known-agreement.ts'

/** How one other root stands by one agreement. */
export interface Recognition {
  readonly entityId: string
  readonly agreement: KnownAgreement
  readonly state: RecognitionEntry['state']
  readonly since: NumericDate
  /** Thumbprints of its federation keys that count now. */
  readonly keys: readonly string[]
}

/** From the one that counts most. */
const LIVELIEST: readonly AgreementState[] = ['in-force', 'suspended', 'superseded', 'expired', 'terminated']

function isListed(state: AgreementState): state is RecognitionEntry['state'] {
  return state !== 'countersigned'
}

/**
 * Every other root that this one recognises or did, each by the agreement that counts most: what was never in force is not
 * there, and what has ended stays, so that its history can be answered for.
 */
export function foldRecognitions(
  own: string,
  agreements: readonly KnownAgreement[],
  at: NumericDate,
): readonly Recognition[] {
  const found: Recognition[] = []
  for (const agreement of agreements) {
    if (agreement.missing.length > 0) continue
    const standing = standingOf(agreement, agreements, at)
    for (const { entity_id: entityId } of agreement.claims.parties) {
      const link = linkBetween(standing, own, entityId)
      if (link === undefined || !isListed(link.state) || !hasBegun(agreement, [own, entityId], at)) continue
      if (!recognises(agreement.claims, own, entityId)) continue
      const keys = standing.parties.find((party) => party.entityId === entityId)?.keys ?? []
      found.push({ entityId, agreement, state: link.state, since: link.since, keys })
    }
  }
  const ranked = found.toSorted(
    (a, b) => LIVELIEST.indexOf(a.state) - LIVELIEST.indexOf(b.state) || b.since - a.since,
  )
  return withoutOverlaps(ranked).toSorted((a, b) => (a.entityId < b.entityId ? -1 : 1))
}

/** Whether both have put the agreement into force for themselves, were it for less than a second. */
function hasBegun({ claims, events }: KnownAgreement, parties: readonly string[], at: NumericDate): boolean {
  const begun = new Set(
    events
      .filter((event) => event.claims.event === 'activate' && event.claims.effective <= at)
      .map((event) => event.claims.iss),
  )
  return claims.nbf <= at && parties.every((each) => begun.has(each))
}

/** One entry for each root, and for each code prefix: what is in force comes before what was. */
function withoutOverlaps(ranked: readonly Recognition[]): readonly Recognition[] {
  const kept: Recognition[] = []
  for (const each of ranked) {
    if (kept.some(({ entityId }) => entityId === each.entityId)) continue
    const groups = [...kept, each].map(prefixesOf)
    if (prefixOverlap(groups) === undefined) kept.push(each)
  }
  return kept
}

function prefixesOf({ entityId, agreement }: Recognition): readonly string[] {
  return agreement.claims.parties.find((party) => party.entity_id === entityId)?.code_prefixes ?? []
}

/** The entry of the list (W10), but for what the other root says of itself. */
export function entryOf(
  own: string,
  { entityId, agreement, state, since, keys }: Recognition,
): Omit<RecognitionEntry, 'root_keys' | 'tlog'> {
  const party = agreement.claims.parties.find((each) => each.entity_id === entityId)
  if (party === undefined) throw new Error('a recognised root is a party')
  const late = agreement.events.flatMap(({ claims, hash, seen }) =>
    seen === undefined || claims.iss !== entityId ? [] : [{ hash, seen }],
  )
  return {
    code_prefixes: [...party.code_prefixes],
    trust_anchor: entityId,
    territory: party.territory,
    jwks_thumbprints: [...keys],
    state,
    state_since: since,
    valid_until: agreement.claims.exp,
    agreement: { jti: agreement.claims.jti, uri: agreementUri(own, agreement.id), hash: agreement.hash },
    constraints: agreement.claims.constraints,
    ...(late.length === 0 ? {} : { late_events: late }),
  }
}

/** The other roots whose logs this one witnesses, and that witness its own. */
export function mutualWitnesses(recognitions: readonly Recognition[]): readonly string[] {
  return recognitions
    .filter(
      ({ state, agreement }) =>
        agreement.claims.witnessing.mutual && (state === 'in-force' || state === 'suspended'),
    )
    .map(({ entityId }) => entityId)
}
