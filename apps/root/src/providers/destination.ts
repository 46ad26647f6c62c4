import { witnessUrl } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { jcsDigest, type OwnLog, type PublicJwk } from '@arc3088/records'
import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { fetchVerifiedConfiguration } from './fetch-configuration.ts'
import { demandFreshKeys } from './fresh-keys.ts'
import type { Destination } from './life-payload.ts'
import { readCodeOfEntity } from './provider-entry.store.ts'
import type { ProviderLife } from './provider-life.ts'

/** An address that is to be a provider's, and the keys by which it is known. */
export interface Address {
  readonly entityId: string
  readonly keys: readonly PublicJwk[]
}

/** What it said of itself a moment ago. */
export interface SeenAddress extends Address {
  readonly tlog: OwnLog | undefined
}

/** Throws `entity-known` for an entity that this root is, or that is or was a provider. */
async function demandUnknownEntity(
  { node }: Pick<RootDeps, 'node'>,
  db: Kysely<RootTables>,
  entityId: string,
): Promise<void> {
  if (entityId !== node.entityId && (await readCodeOfEntity(db, entityId)) === undefined) return
  throw new RegistryError('entity-known', `${entityId} is or was another entity of this registry`)
}

/**
 * Asks an address what it says of itself: it must publish exactly these federation keys, and sign with one of them.
 *
 * @throws RegistryError `entity-unverified`, and as the door does.
 */
export async function seeAddress(
  deps: Pick<RootDeps, 'door' | 'node'>,
  { entityId, keys }: Address,
): Promise<SeenAddress> {
  const { jwks, metadata } = await fetchVerifiedConfiguration(deps, entityId, keys)
  if (kidsOf(jwks.keys) !== kidsOf(keys))
    throw new RegistryError('entity-unverified', 'The published federation keys are not those proposed')
  return { entityId, keys, tlog: metadata.agent_code_provider?.tlog }
}

function kidsOf(keys: readonly PublicJwk[]): string {
  return keys
    .map(({ kid }) => kid)
    .toSorted()
    .join(' ')
}

/** What a provider goes on as, where the address bore it out when it was asked. @throws RegistryError `log-not-own`. */
export function destinationOf(
  life: Pick<ProviderLife, 'log'>,
  { entityId, keys, tlog }: SeenAddress,
): Destination {
  return { entity_id: entityId, jwks: { keys: [...keys] }, log: judgeMovedLog(life.log, entityId, tlog) }
}

/** Asks the address of a decided destination again. @throws RegistryError where it does not show what was decided. */
export async function seeDestinationAgain(
  deps: Pick<RootDeps, 'door' | 'node'>,
  life: Pick<ProviderLife, 'log'>,
  decided: Destination,
): Promise<void> {
  const { entity_id: entityId, jwks } = decided
  const now = destinationOf(life, await seeAddress(deps, { entityId, keys: jwks.keys }))
  if ((await jcsDigest(now)) !== (await jcsDigest(decided)))
    throw new RegistryError('entity-unverified', `${entityId} publishes another log than was decided`)
}

/**
 * Throws unless an entity and keys that a provider would go on with are nobody else's, and the keys stand or are new.
 *
 * @throws RegistryError `entity-known`, `key-two-purposes`, `request-invalid`.
 */
export async function demandOwnDestination(
  deps: RootDeps,
  db: Kysely<RootTables>,
  life: ProviderLife,
  { entity_id: entityId, jwks }: Pick<Destination, 'entity_id' | 'jwks'>,
): Promise<void> {
  await demandUnknownEntity(deps, db, entityId)
  // The same node under another name has the keys that it had.
  const standing = new Set(life.federationKeys.map(({ kid }) => kid))
  const others = jwks.keys.filter(({ kid }) => !standing.has(kid))
  await demandFreshKeys(deps, db, life, others)
}

/** The same log, served by the new entity: its origin and its keys stay what the root knows. */
function judgeMovedLog(known: OwnLog | undefined, entityId: string, tlog: OwnLog | undefined): OwnLog | null {
  if (known === undefined) return null
  const refuse = (detail: string) => new RegistryError('log-not-own', detail)
  if (tlog === undefined || tlog.origin !== known.origin)
    throw refuse(`${entityId} does not go on with the log ${known.origin}`)
  const [signs = ''] = tlog.vkeys
  if (!known.vkeys.includes(signs)) throw refuse(`The root does not know the key ${signs} of the log`)
  if (!tlog.url.startsWith(witnessUrl(entityId)) || !tlog.url.endsWith('/') || !URL.canParse(tlog.url))
    throw refuse(`The log of ${entityId} is served below ${witnessUrl(entityId)}`)
  return { ...known, url: tlog.url }
}
