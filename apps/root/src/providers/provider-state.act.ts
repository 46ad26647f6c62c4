import { formatSegment } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import { defineAct, type AnyAct, type Approved } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { carryDecided, type LifeOutcome } from './carry-decided.ts'
import { demandCustodian, findCustodian } from './custodian.ts'
import { ProviderCodeText, RetirePayload, StatePayload } from './life-payload.ts'
import { demandFollows, demandSameEntity, lockLife } from './locked-life.ts'
import type { LifeStep } from './provider-life.ts'

const StateAsk = z.strictObject({ provider: ProviderCodeText })
type StateAsk = z.infer<typeof StateAsk>

/** The act of suspending a provider, or of ending its suspension: its codes follow, since its own status decides theirs. */
function stateAct(step: LifeStep & { act: 'suspend' | 'resume' }, summary: string): AnyAct {
  return defineAct<StateAsk, StatePayload, LifeOutcome>({
    kind: `provider:${step.act}`,
    summary,
    proposers: ['officer'],
    ask: StateAsk,
    payload: StatePayload,
    async prepare(deps, tx, { provider }) {
      const life = await lockLife(deps, tx, provider)
      demandFollows(life, step)
      const code = formatSegment(life.code)
      return { payload: { provider: code, entity_id: life.entityId }, objects: [`provider:${code}`] }
    },
    async carryOut(deps, tx, approved) {
      const life = await lockLife(deps, tx, approved.payload.provider)
      demandSameEntity(life, approved.payload.entity_id)
      return await carryDecided(deps, tx, { life, step, approved })
    },
  })
}

/** Nothing new is assigned below a suspended provider, and every code of it says so (wire-format W7). */
export const suspendProvider = stateAct({ act: 'suspend' }, 'Suspend a provider and all codes below it')

/** Ends a suspension. */
export const resumeProvider = stateAct({ act: 'resume' }, 'End the suspension of a provider')

const RetireAsk = z.strictObject({
  provider: ProviderCodeText,
  /** The code of the provider that will serve what it leaves; null freezes its codes as they are. */
  custodian: ProviderCodeText.nullable().default(null),
})

/** Ends a provider for ever; its code is never given again (GB/Z 185.2 6 a). */
export const retireProvider = defineAct<z.infer<typeof RetireAsk>, RetirePayload, LifeOutcome>({
  kind: 'provider:retire',
  summary: 'Retire a provider for ever, with a custodian or frozen',
  proposers: ['officer'],
  ask: RetireAsk,
  payload: RetirePayload,
  async prepare(deps, tx, ask) {
    const life = await lockLife(deps, tx, ask.provider)
    const found = ask.custodian === null ? undefined : await findCustodian(deps, tx, ask.custodian)
    demandFollows(life, { act: 'retire', custodian: found?.code })
    if (found !== undefined) await demandCustodian(deps, tx, life, found)
    const code = formatSegment(life.code)
    return {
      payload: {
        provider: code,
        entity_id: life.entityId,
        custodian:
          found === undefined
            ? null
            : {
                provider: formatSegment(found.code),
                entity_id: found.entityId,
                jwks: { keys: [...found.federationKeys] },
              },
      },
      objects: [
        `provider:${code}`,
        ...(found === undefined ? [] : [`provider:${formatSegment(found.code)}`]),
      ],
    }
  },
  carryOut: retire,
})

async function retire(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  approved: Approved<RetirePayload>,
): Promise<LifeOutcome> {
  const { provider, entity_id: entityId, custodian } = approved.payload
  const life = await lockLife(deps, tx, provider)
  demandSameEntity(life, entityId)
  const found = custodian === null ? undefined : await lockLife(deps, tx, custodian.provider)
  const step: LifeStep = { act: 'retire', custodian: found?.code }
  demandFollows(life, step)
  if (found !== undefined) {
    if (found.entityId !== custodian?.entity_id)
      throw new RegistryError('custodian-unfit', `${found.entityId} is another entity than was decided`)
    await demandCustodian(deps, tx, life, found)
  }
  return await carryDecided(deps, tx, { life, step, approved })
}
