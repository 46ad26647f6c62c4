import { formatSegment } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import { EntityId, PublicJwkSet } from '@arc3088/records'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import { defineAct, type Approved } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { carryDecided, type LifeOutcome } from './carry-decided.ts'
import { custodianOf, demandWilling, findCustodian, lockCustodian } from './custodian.ts'
import {
  demandOwnDestination,
  destinationOf,
  seeAddress,
  seeDestinationAgain,
  type SeenAddress,
} from './destination.ts'
import { MovePayload, ProviderCodeText } from './life-payload.ts'
import { demandFollows, demandSameEntity, lockLife, readLife } from './locked-life.ts'
import type { LifeStep, ProviderLife } from './provider-life.ts'
import { replaceFederationKeys } from './provider-key-set.store.ts'
import { custodianNumber, seatOf } from './seat.ts'

const MoveAsk = z.strictObject({
  provider: ProviderCodeText,
  entity_id: EntityId,
  jwks: PublicJwkSet,
  /** Of what a retired provider left: whose node it is from now on; null where it stays whose it is. */
  custodian: ProviderCodeText.nullable().default(null),
})
type MoveAsk = z.infer<typeof MoveAsk>

/**
 * Another entity is this provider from now on; what the one before signed stays good for its term (wire-format W2). What a
 * retired provider left moves likewise, also on to another custodian; who keeps it is active, and says so, each time.
 */
export const moveProvider = defineAct<MoveAsk, MovePayload, LifeOutcome, SeenAddress>({
  kind: 'provider:move',
  summary: 'Move a provider to another entity identifier, or what a retired one left to another custodian',
  proposers: ['officer'],
  ask: MoveAsk,
  payload: MovePayload,
  async look(deps, ask) {
    const { entity_id: entityId, jwks } = ask
    const life = await readLife(deps, ask.provider)
    const { keys } = jwks
    const custodian = await keeperOf(deps, life, ask)
    demandFollows(life, { act: 'move', entityId, keys, log: life.log, custodian: custodian?.code })
    // Before anybody is asked: no address is fetched for what would be refused anyway.
    await demandOwnDestination(deps, deps.node.db, life, { entity_id: entityId, jwks })
    if (custodian !== undefined) await demandWilling(deps, life, custodian)
    return await seeAddress(deps, { entityId, keys })
  },
  async prepare(deps, tx, ask, seen) {
    const life = await lockLife(deps, tx, ask.provider)
    const keeper = await keeperOf(deps, life, ask, tx)
    const to = destinationOf(life, seen)
    demandFollows(life, { act: 'move', ...seatOf(to), custodian: keeper?.code })
    await demandOwnDestination(deps, tx, life, to)
    const code = formatSegment(life.code)
    const custodian = keeper === undefined ? null : custodianOf(keeper)
    const objects = [
      `provider:${code}`,
      `entity:${to.entity_id}`,
      ...(custodian === null ? [] : [`provider:${custodian.provider}`]),
    ]
    return { payload: { provider: code, entity_id: life.entityId, to, custodian }, objects }
  },
  async lookAgain(deps, { provider, to, custodian }) {
    const life = await readLife(deps, provider)
    if (custodian !== null) await demandWilling(deps, life, await findCustodian(deps, custodian.provider))
    await seeDestinationAgain(deps, life, to)
  },
  carryOut: move,
})

/** Who keeps what a retired provider left from then on; undefined for a provider that is not retired, and names none. */
async function keeperOf(
  deps: RootDeps,
  life: ProviderLife,
  { custodian }: MoveAsk,
  source?: Transaction<RootTables>,
): Promise<ProviderLife | undefined> {
  if (custodian !== null) return await findCustodian(deps, custodian, source)
  if (life.state !== 'retired' || life.custodian === undefined) return undefined
  return await findCustodian(deps, formatSegment(life.custodian), source)
}

async function move(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  approved: Approved<MovePayload>,
): Promise<LifeOutcome> {
  const { provider, entity_id: from, to, custodian } = approved.payload
  const life = await lockLife(deps, tx, provider)
  demandSameEntity(life, from)
  if (life.state === 'retired' && custodian === null)
    throw new RegistryError('provider-retired', 'It was retired since this was proposed')
  if (custodian !== null) await lockCustodian(deps, tx, custodian)
  const step: LifeStep = { act: 'move', ...seatOf(to), custodian: custodianNumber(custodian) }
  demandFollows(life, step)
  await demandOwnDestination(deps, tx, life, to)
  const outcome = await carryDecided(deps, tx, { life, step, approved })
  await replaceFederationKeys(tx, life, { keys: to.jwks.keys, ended: 'retired', at: approved.decidedAt })
  return outcome
}
