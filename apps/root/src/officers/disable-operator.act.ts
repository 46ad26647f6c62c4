import {
  insertAuditEntry,
  issuerTables,
  lockOperator,
  operatorObject,
  revokeHeldTokens,
  setOperatorDisabled,
  voidProposalsBy,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import { defineAct, type AnyAct } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import { demandEnoughWithout } from './office.ts'

/** The kind of a proposal that takes somebody from the desk. */
export const DISABLE_OPERATOR = 'operator:disable'

const DisableOperator = z.strictObject({ operator: z.uuid() })
type DisableOperator = z.infer<typeof DisableOperator>

async function demandEnabled(tx: Transaction<RootTables>, id: string): Promise<void> {
  const operator = await lockOperator(issuerTables(tx), id)
  if (operator === undefined) throw new RegistryError('operator-not-found', `There is no operator ${id}`)
  if (operator.disabledAt !== null)
    throw new RegistryError('operator-state', `Operator ${id} was disabled before`)
}

/**
 * Takes somebody from the desk for good: tokens and sessions end, and so does every pending proposal that they made or
 * signed. Their key stays in the officer set until the officers make another.
 */
export const disableOperator: AnyAct = defineAct<DisableOperator, DisableOperator, DisableOperator>({
  kind: DISABLE_OPERATOR,
  summary: 'Take somebody from the desk: what they hold ends, and what they proposed',
  proposers: ['officer', 'administrator'],
  ask: DisableOperator,
  payload: DisableOperator,
  async prepare(deps, tx, ask) {
    await demandEnabled(tx, ask.operator)
    await demandEnoughWithout(deps, tx, ask.operator)
    return { payload: ask, objects: [operatorObject(ask.operator)] }
  },
  concerns: ({ payload }) => Promise.resolve([payload.operator]),
  async carryOut(deps, tx, { payload, proposalId, approver, decidedAt, hash }) {
    const { operator } = payload
    const issuer = issuerTables(tx)
    const { ambient } = deps.node
    await demandEnabled(tx, operator)
    await demandEnoughWithout(deps, tx, operator)
    await setOperatorDisabled(issuer, operator, decidedAt)
    await revokeHeldTokens(issuer, { kind: 'operator', id: operator }, { at: decidedAt })
    await voidProposalsBy(issuer, ambient, {
      operator,
      except: proposalId,
      actor: approver,
      reason: 'its officer has left the desk',
    })
    await insertAuditEntry(issuer, {
      id: ambient.newId(),
      at: decidedAt,
      actor: approver,
      act: DISABLE_OPERATOR,
      object: operatorObject(operator),
      reason: null,
      detail: { decision: hash },
    })
    ambient.reached('operator:disabled')
    return payload
  },
  settle(deps) {
    deps.node.authenticate.forget()
    return Promise.resolve()
  },
})
