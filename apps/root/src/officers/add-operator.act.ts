import {
  insertAuditEntry,
  insertCandidate,
  insertOfficerKey,
  insertOperator,
  issuerTables,
  operatorObject,
  takeCandidate,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { PublicJwk } from '@arc3088/records'
import { z } from 'zod'

import { defineAct, type AnyAct } from '../acts/act.ts'
import { ROOT_ROLES } from '../permissions.ts'
import { demandFreshOwnKey } from './officer-key.ts'

/** The kind of a proposal that adds somebody to the desk. */
export const ADD_OPERATOR = 'operator:add'

const NAME_LENGTH_MAX = 200

const AddOperatorAsk = z
  .strictObject({
    name: z.string().min(1).max(NAME_LENGTH_MAX),
    role: z.enum(ROOT_ROLES),
    jwk: PublicJwk.optional(),
  })
  .refine(({ role, jwk }) => role !== 'officer' || jwk !== undefined, {
    error: 'an officer has a key',
    path: ['jwk'],
  })

/** Public, as every payload: an id, a role and a key, and never a name. */
const AddOperator = z.strictObject({
  operator: z.uuid(),
  role: z.enum(ROOT_ROLES),
  key: PublicJwk.optional(),
})
type AddOperator = z.infer<typeof AddOperator>

/**
 * Adds somebody to the desk. Nobody is given a token for it: who has a key begins a session with it, and who has none is
 * invited by an administrator afterwards. An officer decides from the set on that names the key (`officers:change`).
 */
export const addOperator: AnyAct = defineAct<
  z.infer<typeof AddOperatorAsk>,
  AddOperator,
  { operator: string; role: string }
>({
  kind: ADD_OPERATOR,
  summary: 'Add somebody to the desk; the name stays there, the role and the key are public',
  proposers: ['officer', 'administrator'],
  ask: AddOperatorAsk,
  payload: AddOperator,
  async prepare(deps, tx, { name, role, jwk }) {
    if (jwk !== undefined) await demandFreshOwnKey(deps, tx, jwk)
    const operator = deps.node.ambient.newId()
    await insertCandidate(issuerTables(tx), { id: operator, name, role })
    return {
      payload: { operator, role, ...(jwk === undefined ? {} : { key: jwk }) },
      objects: [operatorObject(operator), ...(jwk === undefined ? [] : [`officer-key:${jwk.kid}`])],
    }
  },
  async carryOut(deps, tx, { payload, approver, decidedAt, hash }) {
    const { operator, role, key } = payload
    const issuer = issuerTables(tx)
    if (key !== undefined) await demandFreshOwnKey(deps, tx, key)
    const candidate = await takeCandidate(issuer, operator)
    if (candidate === undefined)
      throw new RegistryError('operator-state', `Nobody knows who operator ${operator} is to be`)
    await insertOperator(issuer, { id: operator, name: candidate.name, role, createdAt: decidedAt })
    if (key !== undefined) await insertOfficerKey(issuer, { operator, jwk: key, enrolledAt: decidedAt })
    await insertAuditEntry(issuer, {
      id: deps.node.ambient.newId(),
      at: decidedAt,
      actor: approver,
      act: ADD_OPERATOR,
      object: operatorObject(operator),
      reason: null,
      detail: { name: candidate.name, role, kid: key?.kid ?? null, decision: hash },
    })
    deps.node.ambient.reached('operator:added')
    return { operator, role }
  },
})
