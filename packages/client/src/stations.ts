import type { LogMetadata } from '@arc3088/records'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'
import type { Grant, PinnedAnchor, ProviderAuthority, RootAuthority, VerifyRecord } from '@arc3088/trust'
import { servingEntity } from '@arc3088/trust'

import type { AnchoredParty } from './anchored-party.ts'
import { anchoredParty, configurationAddress, keySetsAddress, statementAddress } from './anchored-party.ts'
import type { Basket } from './basket.ts'
import type { DocumentSource } from './document-source.ts'
import type { Endorse } from './endorsement.ts'
import { readKeySets } from './key-sets.ts'
import type { ListMemory } from './list-memory.ts'

/** What every walk of one client shares. */
export interface WalkParts {
  readonly source: DocumentSource
  readonly endorse: Endorse
  /** As `endorse`, under the key set of another root that the pinned one names. */
  readonly endorseUnder: (anchor: PinnedAnchor) => Endorse
  readonly verifyRecord: VerifyRecord
  /** The newest recognition list of the pinned root. */
  readonly lists: ListMemory
  /** The root whose key set is pinned. */
  readonly root: AnchoredParty
}

/** An issuing node with what is proved of it. */
export interface Station<Authority extends RootAuthority | ProviderAuthority> {
  readonly party: AnchoredParty
  readonly authority: Authority
  /** Its `code_resolution_uri`. */
  readonly template: string | undefined
  readonly keyHistoryUri: string | undefined
  /** Its log, as the anchor describes it. */
  readonly log: LogMetadata | undefined
  /** Entities that may have signed its records. */
  readonly issuers: readonly string[]
}

export type AnyStation = Station<RootAuthority | ProviderAuthority>

export interface RootStation extends Station<RootAuthority> {
  readonly keySets: string
  readonly configuration: string
  readonly fetchEndpoint: string | undefined
  readonly recognitionListUri: string | undefined
}

/** The root, from its key sets and its configuration. */
export async function reachRoot(
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
    keyHistoryUri: metadata?.agent_code_root?.key_history_uri,
    log: authority.log,
    issuers: [authority.entityId],
    fetchEndpoint: metadata?.federation_entity?.federation_fetch_endpoint,
    recognitionListUri: metadata?.agent_code_root?.recognition_list_uri,
    keySets: keySets.body,
    configuration: configuration.body,
  }
}

/** The root's statement about the entity that the code was given to. */
export async function takeStatement(
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
export async function reachProvider(
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
  if (authority === undefined) return undefined
  return {
    party,
    authority,
    template: metadata?.code_resolution_uri,
    keyHistoryUri: metadata?.key_history_uri,
    log: authority.appointment.tlog,
    issuers: [authority.entityId, ...grant.assignees],
  }
}
