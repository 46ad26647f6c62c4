import { RegistryError, type ProblemCode } from '@arc3088/problems'
import {
  CLOCK_SKEW_SECONDS,
  readRootKeySet,
  type AgreementParty,
  type NumericDate,
  type RecognitionAgreement,
} from '@arc3088/records'
import { agreementDateFault, overlapFault } from '@arc3088/trust'

import type { RootDeps } from '../deps.ts'
import { newestOf } from '../foreign-roots/key-succession.ts'
import { isLinkAlive, isOver, stageOf, type KnownAgreement } from './known-agreement.ts'

/** What this root knows of a party, against which its entry is held. */
export interface PartyFacts {
  readonly entityId: string
  readonly territory: string
  readonly codePrefixes: readonly string[]
  /** Thumbprints of the keys of its newest key set. */
  readonly federationKids: readonly string[]
  readonly rootKids: readonly string[]
}

/** This root itself, as its entry must say. */
export function ownFacts(deps: RootDeps): PartyFacts {
  const newest = deps.rootKeySets.at(-1)
  const read = newest === undefined ? undefined : readRootKeySet(newest)
  if (read?.kind !== 'read') throw new Error('a root has a key set')
  return {
    entityId: deps.node.entityId,
    territory: deps.territory,
    codePrefixes: [deps.prefix],
    federationKids: read.claims.keys.federation.map(({ kid }) => kid),
    rootKids: read.claims.root_keys.map(({ kid }) => kid),
  }
}

/** Another root, as it is pinned here and its key sets say. @throws RegistryError `foreign-root-unknown`. */
export async function foreignFacts(deps: RootDeps, entityId: string): Promise<PartyFacts> {
  const root = await deps.foreignRoots.demandPinned(entityId)
  const { claims } = newestOf(await deps.foreignRoots.succession(root))
  return {
    entityId,
    territory: root.territory,
    codePrefixes: root.codePrefixes,
    federationKids: claims.keys.federation.map(({ kid }) => kid),
    rootKids: claims.root_keys.map(({ kid }) => kid),
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each))
}

/** What of a party's entry is not as this root knows it, or undefined. */
export function entryFault(entry: AgreementParty, facts: PartyFacts): string | undefined {
  const { entity_id: id } = entry
  if (entry.territory !== facts.territory) return `the territory of ${id} is ${facts.territory}`
  if (!isSame(entry.code_prefixes, facts.codePrefixes))
    return `the code prefixes of ${id} are ${facts.codePrefixes.join(', ')}`
  const strangers = [
    ...entry.jwks_thumbprints.filter((kid) => !facts.federationKids.includes(kid)),
    ...entry.root_keys_thumbprints.filter((kid) => !facts.rootKids.includes(kid)),
  ]
  return strangers.length === 0 ? undefined : `key ${strangers[0]} is not in the key set of ${id}`
}

/**
 * Demands that this root can sign terms now: it is a party, every other party is pinned, each entry says what is known
 * here, the dates allow it, and no other agreement with any of them is pending or in force but the one that is replaced.
 *
 * @throws RegistryError `agreement-invalid`, `agreement-pending`, `agreement-state`, `prefix-overlap`, `foreign-root-unknown`.
 */
export async function demandSignable(
  deps: RootDeps,
  terms: RecognitionAgreement,
  at: NumericDate,
): Promise<void> {
  const { entityId } = deps.node
  const own = terms.parties.find((party) => party.entity_id === entityId)
  if (own === undefined) throw refuse('agreement-invalid', `${entityId} is no party`)
  const others = terms.parties.filter((party) => party.entity_id !== entityId)
  for (const party of others) {
    const fault = entryFault(party, await foreignFacts(deps, party.entity_id))
    if (fault !== undefined) throw refuse('agreement-invalid', fault)
  }
  const ownFault = entryFault(own, ownFacts(deps))
  if (ownFault !== undefined) throw refuse('agreement-invalid', ownFault)
  const { kid } = deps.node.keys.active('federation')
  if (!own.jwks_thumbprints.includes(kid))
    throw refuse('agreement-invalid', `the entry of ${entityId} does not list key ${kid}, which signs`)
  const late = agreementDateFault(terms, at, CLOCK_SKEW_SECONDS)
  if (late !== undefined) throw refuse('agreement-state', `the agreement cannot be signed now: ${late}`)
  const known = await deps.agreements.all()
  demandSuccession(terms, known, at)
  demandFree(
    terms,
    known.filter((each) => each.signed.includes(entityId)),
    { at, entityId },
  )
}

/** A new version has all who are still parties to the one before. */
function demandSuccession(
  terms: RecognitionAgreement,
  known: readonly KnownAgreement[],
  at: NumericDate,
): void {
  const { supersedes } = terms
  if (supersedes === null) return
  const before = known.find(({ claims }) => claims.jti === supersedes.jti)
  // Whoever joins knows nothing of the version before; those who were its parties see to it.
  if (before === undefined) return
  if (before.hash !== supersedes.hash || before.missing.length > 0)
    throw refuse('agreement-state', `${supersedes.jti} is not the agreement that all have signed`)
  if (terms.version !== before.claims.version + 1)
    throw refuse('agreement-invalid', `version ${before.claims.version + 1} follows`)
  const stage = stageOf(before, known, at)
  if (isOver(stage)) throw refuse('agreement-state', `the agreement that is to be replaced is ${stage}`)
  const left = new Set(
    before.events.flatMap(({ claims }) => (claims.event === 'terminate' ? [claims.iss] : [])),
  )
  const missing = before.claims.parties.find(
    ({ entity_id: id }) => !left.has(id) && !terms.parties.some((party) => party.entity_id === id),
  )
  if (missing !== undefined) throw refuse('agreement-invalid', `${missing.entity_id} is still a party`)
}

/** Nobody is recognised by two agreements at once, and no code prefix is anybody else's. */
function demandFree(
  terms: RecognitionAgreement,
  signed: readonly KnownAgreement[],
  { at, entityId }: { at: NumericDate; entityId: string },
): void {
  const others = terms.parties.filter((party) => party.entity_id !== entityId)
  const replaced = new Set([terms.jti, terms.supersedes?.jti])
  for (const agreement of signed.filter(({ claims }) => !replaced.has(claims.jti))) {
    const { jti, parties } = agreement.claims
    const living = parties.filter(
      (party) =>
        party.entity_id !== entityId &&
        isLinkAlive(agreement, signed, { at, between: [entityId, party.entity_id] }),
    )
    const shared = living.find(({ entity_id: id }) => others.some((party) => party.entity_id === id))
    if (shared !== undefined) throw refuse('agreement-pending', `${jti} with ${shared.entity_id} is not over`)
    const overlap = overlapFault(
      others.flatMap((party) => party.code_prefixes),
      [],
      living.flatMap((party) => party.code_prefixes),
    )
    if (overlap !== undefined)
      throw refuse('prefix-overlap', `${overlap.prefix} overlaps ${overlap.other ?? 'nothing'}`)
  }
}

function refuse(code: ProblemCode, detail: string): RegistryError {
  return new RegistryError(code, detail)
}
