import type { PublicJwk, RecognitionEntry, RecognitionList, Rejected } from '@arc3088/records'
import { readAgreement, readRootKeySet, verifyAgreement } from '@arc3088/records'

import { verifyEventChain } from './event-chain.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import type { Finding } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'
import type { VerifiedTerms } from './recognition-basis.ts'
import { recognises } from './recognition-guards.ts'

export interface TermsContext {
  /** The pinned root. */
  readonly homeId: string
  readonly list: RecognitionList
  readonly entry: RecognitionEntry
  /** Key sets of any root, read here or found good elsewhere; what they say is held against thumbprints. */
  readonly keySets: readonly unknown[]
}

/**
 * The keys of each party that there is material of. Whose they are follows from no key set: the list, which the pinned
 * root signed, names the agreement by its hash, and the agreement names the keys by their thumbprints.
 */
function keyPool({ list, keySets }: TermsContext): ReadonlyMap<string, readonly PublicJwk[]> {
  const pool = new Map<string, Map<string, PublicJwk>>()
  for (const jws of [...keySets, ...list.entries.flatMap((entry) => entry.root_keys)]) {
    const read = readRootKeySet(jws)
    if (read.kind === 'rejected') continue
    const { iss, keys } = read.claims
    const known = pool.get(iss) ?? new Map<string, PublicJwk>()
    for (const key of keys.federation) known.set(key.kid, key)
    pool.set(iss, known)
  }
  return new Map([...pool].map(([iss, keys]) => [iss, [...keys.values()]]))
}

function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((each) => whole.includes(each))
}

/** What the list's entry says against what was agreed: a root cannot recognise more than all have signed. */
function entryFault({ terms, events }: VerifiedTerms, { homeId, entry }: TermsContext): Finding | undefined {
  const { trust_anchor: anchor } = entry
  const wrong = (detail: string) => broken('recognition-contradicted', detail, anchor)
  const party = terms.parties.find((each) => each.entity_id === anchor)
  if (party === undefined || !recognises(terms, homeId, anchor))
    return wrong(`the agreement is not one by which ${homeId} recognises ${anchor}`)
  if (terms.jti !== entry.agreement.jti) return wrong('the agreement has another name than the list says')
  if (!isWithin(entry.code_prefixes, party.code_prefixes))
    return wrong('the list has prefixes that were not agreed')
  const updated = events.filter((event) => event.iss === anchor).flatMap((event) => event.jwks?.keys ?? [])
  return isWithin(entry.jwks_thumbprints, [...party.jwks_thumbprints, ...updated.map((key) => key.kid)])
    ? undefined
    : wrong('the list has keys that were not agreed')
}

async function verifyTermsFresh(
  agreement: unknown,
  texts: readonly string[],
  context: TermsContext,
): Promise<VerifiedTerms | Finding> {
  const { uri, hash } = context.entry.agreement
  const read = await readAgreement(agreement)
  if (read.kind === 'rejected') return findingOf(read, 'agreement')
  if (read.hash !== hash) return broken('agreement-other', 'not the agreement that the list names', uri)
  const pool = keyPool(context)
  const keysOfParty = (entityId: string) => pool.get(entityId) ?? []
  for (const { entityId, kid } of read.signatures) {
    if (keysOfParty(entityId).some((key) => key.kid === kid)) continue
    return undecided('part-missing', `the key set of ${entityId} with key ${kid} is missing`, uri)
  }
  const verified = await verifyAgreement(agreement, keysOfParty)
  if (verified.kind === 'rejected') return findingOf(verified, 'agreement')
  const basis = { claims: verified.claims, hash }
  const chained = await verifyEventChain(texts, basis, keysOfParty)
  if ('kind' in chained) return eventFinding(chained, uri)
  const late = new Map(context.entry.late_events?.map((each) => [each.hash, each.seen]))
  const events = chained.map((each) => {
    const seen = late.get(each.hash)
    return seen === undefined ? each.claims : { ...each.claims, seen }
  })
  const outcome = { terms: verified.claims, hash, events }
  return entryFault(outcome, context) ?? outcome
}

function eventFinding(
  { reason, detail }: Extract<Awaited<ReturnType<typeof verifyEventChain>>, { kind: 'refused' }>,
  uri: string,
): Finding {
  const isOfChain = reason.startsWith('event-')
  return isOfChain
    ? broken(reason, detail, uri)
    : findingOf({ kind: 'rejected', reason, detail } as Rejected, 'event of the agreement')
}

/**
 * Verifies the agreement that an entry of the list names, and its events: the hash, a signature of every party, each
 * issuer's chain, and that the entry says no more than was agreed. Dates and states are judged apart.
 */
export async function verifyTerms(
  agreement: unknown,
  events: readonly string[],
  context: TermsContext,
  { agreements }: EvidenceMemory,
): Promise<VerifiedTerms | Finding> {
  const { homeId, entry, keySets } = context
  const text = JSON.stringify([agreement, events, entry, keySets])
  const known = agreements.get(homeId, text)
  if (known !== undefined) return known
  const verified = await verifyTermsFresh(agreement, events, context)
  if (!('verdict' in verified)) agreements.set(homeId, text, verified)
  return verified
}
