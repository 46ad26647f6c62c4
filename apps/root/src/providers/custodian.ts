import { formatSegment, parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { fetchVerifiedConfiguration } from './fetch-configuration.ts'
import type { Custodian } from './life-payload.ts'
import { lockLife } from './locked-life.ts'
import type { ProviderLife } from './provider-life.ts'
import { prefixOf } from './provider-lives.ts'

/** The active provider that is asked to be a custodian. Throws `custodian-unfit`. */
export async function findCustodian(
  { lives }: Pick<RootDeps, 'lives'>,
  code: string,
  source?: Kysely<RootTables>,
): Promise<ProviderLife> {
  const number = readWish(parseProviderNumber, code)
  const life = number === undefined ? undefined : await lives.find(number, source)
  if (life === undefined) throw unfit(`No provider was ever assigned ${code}`)
  return demandActive(life)
}

/**
 * Demands that a provider says itself that it keeps what another leaves: its own configuration, signed with a key that the
 * root names for it, lists the other's code prefix in `custodian_of`.
 *
 * @throws RegistryError `custodian-unfit`, `entity-unverified`, and as the door does.
 */
export async function demandWilling(
  deps: Pick<RootDeps, 'door' | 'node' | 'prefix'>,
  life: ProviderLife,
  custodian: ProviderLife,
): Promise<void> {
  const { entityId, federationKeys } = custodian
  const { metadata } = await fetchVerifiedConfiguration(deps, entityId, federationKeys)
  const prefix = prefixOf(deps.prefix, life.code)
  if (metadata.agent_code_provider?.custodian_of?.includes(prefix) !== true)
    throw unfit(`The configuration of ${entityId} does not say custodian_of ${prefix}`)
}

/** How a decision names a custodian. */
export function custodianOf({ code, entityId, federationKeys }: ProviderLife): Custodian {
  return { provider: formatSegment(code), entity_id: entityId, jwks: { keys: [...federationKeys] } }
}

/** Holds the custodian that was decided, which is still the same entity, and active. Throws `custodian-unfit`. */
export async function lockCustodian(
  deps: Pick<RootDeps, 'lives'>,
  tx: Transaction<RootTables>,
  decided: Custodian,
): Promise<ProviderLife> {
  const life = demandActive(await lockLife(deps, tx, decided.provider))
  if (life.entityId !== decided.entity_id) throw unfit(`${life.entityId} is another entity than was decided`)
  return life
}

function demandActive(life: ProviderLife): ProviderLife {
  if (life.state !== 'active') throw unfit(`${life.entityId} is ${life.state}`)
  return life
}

function unfit(detail: string): RegistryError {
  return new RegistryError('custodian-unfit', detail)
}
