import { formatSegment } from '@arc3088/codec'
import { z } from 'zod'

import { defineAct, type AnyAct } from '../acts/act.ts'
import { carryDecided, type LifeOutcome } from './carry-decided.ts'
import { ProviderCodeText, StatePayload } from './life-payload.ts'
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
