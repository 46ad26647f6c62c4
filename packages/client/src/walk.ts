import type { Subject } from '@arc3088/codec'
import type { AssignmentRecord, SubordinateStatement } from '@arc3088/records'
import { MEDIA_TYPE, PROVIDER_ENTITY_TYPE, verifyAssignmentRecord } from '@arc3088/records'
import type { Grant, ProviderAuthority, RootAuthority } from '@arc3088/trust'
import { pathOf, servingEntity } from '@arc3088/trust'

import type { AnchoredParty } from './anchored-party.ts'
import {
  addressAt,
  anchoredParty,
  codeAddress,
  configurationAddress,
  keySetsAddress,
  statementAddress,
} from './anchored-party.ts'
import type { Basket, Collected } from './basket.ts'
import { createBasket } from './basket.ts'
import type { DocumentSource, Patience } from './document-source.ts'
import type { Endorse } from './endorsement.ts'
import { readKeySets } from './key-sets.ts'

/** What every walk of one client shares. */
export interface WalkParts {
  readonly source: DocumentSource
  readonly endorse: Endorse
  /** The root whose key set is pinned. */
  readonly root: AnchoredParty
}

/** An issuing node with what is proved of it. */
interface Station<Authority extends RootAuthority | ProviderAuthority> {
  readonly party: AnchoredParty
  readonly authority: Authority
  /** Its `code_resolution_uri`. */
  readonly template: string | undefined
}

interface RootStation extends Station<RootAuthority> {
  readonly keySets: string
  readonly configuration: string
  readonly fetchEndpoint: string | undefined
}

/** The address of a status list that a verified document refers to, and who answers for it. */
interface ListReference {
  readonly uri: string
  readonly party: AnchoredParty
}

/**
 * Collects the evidence for a subject: key sets and configuration of the root, its record of and statement about the
 * provider, the provider's configuration, the records from the provider down, and the status lists all of these refer
 * to. Thirteen fetches at most when nothing is cached. Each address comes out of something verified already and lies on
 * an origin of the party that signed it; what the caller asked for only ever fills the path. Without a subject, or with
 * one that is not under the root, only the root is asked, about itself.
 */
export async function walk(
  parts: WalkParts,
  subject: Subject | undefined,
  patience: Patience,
): Promise<Collected> {
  const basket = createBasket(parts.source, patience)
  const root = await reachRoot(parts, basket)
  if (root !== undefined && subject !== undefined && subject.prefix === root.authority.prefix) {
    await collectStatusLists(basket, await collectRecords(parts, basket, root, pathOf(subject)))
  }
  return basket.close()
}

async function reachRoot(
  { endorse, root: party }: WalkParts,
  basket: Basket,
): Promise<RootStation | undefined> {
  const [keySets, configuration] = await Promise.all([
    basket.take('key-sets', keySetsAddress(party), 'key sets'),
    basket.take('configuration', configurationAddress(party), 'configuration of the root'),
  ])
  const sets = keySets === undefined ? undefined : readKeySets(keySets.body)
  // Without its key sets a root that has changed its keys would look forged; silence is not forgery.
  if (keySets === undefined || sets === undefined || configuration === undefined) return undefined
  basket.evidence.keySets = sets
  basket.evidence.statements = [configuration.body]
  const endorsed = await endorse(keySets.body, [configuration.body])
  const { root: authority } = endorsed?.authorities ?? {}
  const metadata = endorsed?.chain.root?.claims.metadata
  if (authority === undefined) return undefined
  return {
    party,
    authority,
    template: metadata?.agent_code_root?.code_resolution_uri,
    fetchEndpoint: metadata?.federation_entity?.federation_fetch_endpoint,
    keySets: keySets.body,
    configuration: configuration.body,
  }
}

/** Takes the answer of a node about one subject: its record where it was assigned, else the signed negative. */
async function takeRecord(
  basket: Basket,
  { party, authority, template }: Station<RootAuthority | ProviderAuthority>,
  subject: Subject,
) {
  const answer = await basket.take('code', codeAddress(party, template, subject), subject.text)
  if (answer === undefined) return undefined
  if (answer.mediaType === MEDIA_TYPE.resolutionAnswer) {
    basket.evidence.resolution = answer.body
    return undefined
  }
  basket.evidence.records.push(answer.body)
  const verified = await verifyAssignmentRecord(answer.body, authority.issuingKeys)
  if (verified.kind === 'rejected') return undefined
  const { iss, sub } = verified.claims
  return iss === authority.entityId && sub === subject.text ? verified.claims : undefined
}

/** Collects statements and records top-down and answers the status lists they refer to. Stops where the path ends. */
async function collectRecords(
  parts: WalkParts,
  basket: Basket,
  root: RootStation,
  [first, ...below]: readonly Subject[],
): Promise<ListReference[]> {
  const own = first === undefined ? undefined : await takeRecord(basket, root, first)
  if (own === undefined) return []
  const lists = [listOf(root.party, own)]
  const statement = await takeStatement(parts, basket, root, own.code_assignment.entity_id)
  if (statement === undefined) return lists
  lists.push(listOf(root.party, statement.grant.statement))
  const provider = await reachProvider(parts, basket, root, statement)
  if (provider === undefined) return lists
  for (const subject of below) {
    const record = await takeRecord(basket, provider, subject)
    if (record === undefined) break
    lists.push(listOf(provider.party, record))
  }
  return lists
}

function listOf(
  party: AnchoredParty,
  { status }: Pick<AssignmentRecord | SubordinateStatement, 'status'>,
): ListReference {
  return { uri: status.status_list.uri, party }
}

/** The root's statement about the entity that the code was given to. */
async function takeStatement(
  { endorse }: WalkParts,
  basket: Basket,
  root: RootStation,
  entityId: string | undefined,
): Promise<{ grant: Grant; body: string } | undefined> {
  if (entityId === undefined) return undefined
  const address = statementAddress(root.party, root.fetchEndpoint, entityId)
  const statement = await basket.take('statement', address, `statement about ${entityId}`)
  if (statement === undefined) return undefined
  const statements = [statement.body, root.configuration]
  basket.evidence.statements = statements
  const endorsed = await endorse(root.keySets, statements)
  const grant = endorsed?.authorities.grant
  return grant === undefined ? undefined : { grant, body: statement.body }
}

/** The entity that the statement says serves now, as it describes itself. */
async function reachProvider(
  { endorse }: WalkParts,
  basket: Basket,
  root: RootStation,
  { grant, body }: { grant: Grant; body: string },
): Promise<Station<ProviderAuthority> | undefined> {
  const { entityId } = servingEntity(grant.statement)
  const party = anchoredParty(entityId, { formerEntities: grant.assignees })
  const leaf = await basket.take('configuration', configurationAddress(party), `configuration of ${entityId}`)
  if (leaf === undefined) return undefined
  const statements = [leaf.body, body, root.configuration]
  basket.evidence.statements = statements
  const endorsed = await endorse(root.keySets, statements)
  const authority = endorsed?.authorities.provider
  const metadata = endorsed?.chain.leaf?.claims.metadata[PROVIDER_ENTITY_TYPE]
  return authority === undefined ? undefined : { party, authority, template: metadata?.code_resolution_uri }
}

/** Takes each list once, however many refer to it. */
async function collectStatusLists(basket: Basket, lists: readonly ListReference[]): Promise<void> {
  const distinct = new Map(lists.map((list) => [list.uri, list]))
  const tokens = await Promise.all(
    [...distinct.values()].map(({ uri, party }) =>
      basket.take('status-list', addressAt(party, uri), `status list ${uri}`),
    ),
  )
  basket.evidence.statusListTokens.push(...tokens.flatMap((token) => token?.body ?? []))
}
