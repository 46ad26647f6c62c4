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
import { ProviderCodeText, RetirePayload } from './life-payload.ts'
import { demandFollows, demandSameEntity, lockLife, readLife } from './locked-life.ts'
import type { LifeStep } from './provider-life.ts'
import { replaceFederationKeys } from './provider-key-set.store.ts'
import { seatOf } from './seat.ts'

const RetireAsk = z.union([
  /** Its codes are frozen as they are. */
  z.strictObject({ provider: ProviderCodeText, custodian: z.null().default(null) }),
  /** With the custodian, and the node of its own that it has begun over what is left. */
  z.strictObject({
    provider: ProviderCodeText,
    custodian: ProviderCodeText,
    entity_id: EntityId,
    jwks: PublicJwkSet,
  }),
])
type RetireAsk = z.infer<typeof RetireAsk>

/** Ends a provider for ever; its code is never given again (GB/Z 185.2 6 a). */
export const retireProvider = defineAct<RetireAsk, RetirePayload, LifeOutcome, SeenAddress | undefined>({
  kind: 'provider:retire',
  summary: 'Retire a provider for ever, with a custodian or frozen',
  proposers: ['officer'],
  ask: RetireAsk,
  payload: RetirePayload,
  async look(deps, ask) {
    if (ask.custodian === null) return undefined
    const { entity_id: entityId, jwks } = ask
    const life = await readLife(deps, ask.provider)
    const custodian = await findCustodian(deps, ask.custodian)
    const { keys } = jwks
    const custody = { entityId, keys, log: life.log }
    demandFollows(life, { act: 'retire', custodian: custodian.code, custody })
    // Before anybody is asked: no address is fetched for what would be refused anyway.
    await demandOwnDestination(deps, deps.node.db, life, { entity_id: entityId, jwks })
    await demandWilling(deps, life, custodian)
    return await seeAddress(deps, { entityId, keys })
  },
  async prepare(deps, tx, ask, seen) {
    const life = await lockLife(deps, tx, ask.provider)
    const code = formatSegment(life.code)
    const common = { provider: code, entity_id: life.entityId }
    if (ask.custodian === null || seen === undefined) {
      demandFollows(life, { act: 'retire', custodian: undefined, custody: undefined })
      return { payload: { ...common, custodian: null, custody: null }, objects: [`provider:${code}`] }
    }
    const custodian = await findCustodian(deps, ask.custodian, tx)
    const custody = destinationOf(life, seen)
    demandFollows(life, { act: 'retire', custodian: custodian.code, custody: seatOf(custody) })
    await demandOwnDestination(deps, tx, life, custody)
    const decided = custodianOf(custodian)
    const objects = [`provider:${code}`, `provider:${decided.provider}`, `entity:${custody.entity_id}`]
    return { payload: { ...common, custodian: decided, custody }, objects }
  },
  async lookAgain(deps, { provider, custodian, custody }) {
    if (custodian === null || custody === null) return
    const life = await readLife(deps, provider)
    await demandWilling(deps, life, await findCustodian(deps, custodian.provider))
    await seeDestinationAgain(deps, life, custody)
  },
  carryOut: retire,
})

async function retire(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  approved: Approved<RetirePayload>,
): Promise<LifeOutcome> {
  const { provider, entity_id: entityId, custodian, custody } = approved.payload
  const life = await lockLife(deps, tx, provider)
  demandSameEntity(life, entityId)
  if ((custodian === null) !== (custody === null))
    throw new RegistryError('custodian-unfit', 'A custodian is named with its node; propose it again')
  const found = custodian === null ? undefined : await lockCustodian(deps, tx, custodian)
  const seat = custody === null ? undefined : seatOf(custody)
  const step: LifeStep = { act: 'retire', custodian: found?.code, custody: seat }
  demandFollows(life, step)
  if (custody !== null) await demandOwnDestination(deps, tx, life, custody)
  const outcome = await carryDecided(deps, tx, { life, step, approved })
  if (seat !== undefined)
    await replaceFederationKeys(tx, life, { keys: seat.keys, ended: 'retired', at: approved.decidedAt })
  return outcome
}
