import { parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { fetchVerifiedConfiguration } from './fetch-configuration.ts'
import type { ProviderLife } from './provider-life.ts'
import { prefixOf } from './provider-lives.ts'

/** The life of the provider that is asked to be a custodian. Throws `custodian-unfit`. */
export async function findCustodian(
  { lives }: RootDeps,
  tx: Transaction<RootTables>,
  code: string,
): Promise<ProviderLife> {
  const number = readWish(parseProviderNumber, code)
  const life = number === undefined ? undefined : await lives.find(number, tx)
  if (life === undefined) throw unfit(`No provider was ever assigned ${code}`)
  return life
}

/**
 * Demands that a provider may serve what another leaves, and says so itself: it is active, and its own configuration, signed
 * with a key that the root names for it, lists the other's code prefix in `custodian_of`. Likewise of those whose custodian
 * the other is: what it keeps for them goes along.
 *
 * @throws RegistryError `custodian-unfit`, `entity-unverified`.
 */
export async function demandCustodian(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  life: ProviderLife,
  custodian: ProviderLife,
): Promise<void> {
  if (custodian.state !== 'active') throw unfit(`${custodian.entityId} is ${custodian.state}`)
  const { metadata } = await fetchVerifiedConfiguration(deps, custodian.entityId, custodian.federationKeys)
  const willing = metadata.agent_code_provider?.custodian_of ?? []
  const kept = (await deps.lives.all(tx)).filter((each) => each.custodian === life.code)
  for (const { code } of [life, ...kept]) {
    const prefix = prefixOf(deps.prefix, code)
    if (!willing.includes(prefix))
      throw unfit(`The configuration of ${custodian.entityId} does not say custodian_of ${prefix}`)
  }
}

/**
 * Who serves what a retired provider left: its custodian, or where that one is retired too, the custodian's. Undefined
 * where nobody does: its codes are frozen as they are.
 */
export async function servingCustodian(
  lives: Pick<RootDeps['lives'], 'find'>,
  life: ProviderLife,
): Promise<ProviderLife | undefined> {
  let last: ProviderLife | undefined = life
  const met = new Set<number>()
  while (last?.state === 'retired') {
    const { code, custodian }: ProviderLife = last
    if (custodian === undefined || met.has(code)) return undefined
    met.add(code)
    last = await lives.find(custodian)
  }
  return last
}

function unfit(detail: string): RegistryError {
  return new RegistryError('custodian-unfit', detail)
}
