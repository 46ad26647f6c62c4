import { RegistryError } from '@arc3088/problems'
import { isPermitted, type Principal } from '@arc3088/service'

import { insertAuditEntry } from '../audit/audit.store.ts'
import { lockOperator } from './operator.store.ts'
import type { OperatorDesk } from './operator-desk.ts'
import { readToken, revokeToken } from './token.store.ts'

/**
 * Revokes a token, a session or an invitation: one's own, or anybody's by who may manage operators. To all others it is not
 * there. Revoking again changes nothing.
 */
export async function revokeHeldToken(desk: OperatorDesk, actor: Principal, id: string): Promise<void> {
  const { db, ambient, permissions } = desk
  const mayManage = isPermitted(permissions, 'operator:manage', actor)
  await db.transaction().execute(async (tx) => {
    const token = await readToken(tx, id)
    const isSeen = token?.owner.kind === 'operator' && (mayManage || token.owner.id === actor.id)
    if (token === undefined || !isSeen) throw new RegistryError('token-not-found', `There is no token ${id}`)
    // Whoever makes something with this token holds the row: either it was made before, or it is not made.
    await lockOperator(tx, token.owner.id)
    const at = ambient.now()
    if (!(await revokeToken(tx, id, at))) return
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at,
      actor: actor.id,
      act: `${token.kind}:revoke`,
      object: `operator:${token.owner.id}`,
      reason: null,
      detail: { token: id },
    })
    ambient.reached('token:revoked')
  })
  desk.authenticate.forget()
}

/** Ends the session that the request came with. */
export async function endSession(desk: OperatorDesk, holder: Principal): Promise<void> {
  if (holder.credential?.kind !== 'session')
    throw new RegistryError('token-not-found', 'This request did not come with a session')
  await revokeHeldToken(desk, holder, holder.credential.id)
}
