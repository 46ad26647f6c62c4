import { RegistryError } from '@arc3088/problems'
import type { Principal } from '@arc3088/service'
import type { Transaction } from 'kysely'

import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { issueCredential } from './issue-api-token.ts'
import { lockOperator, readKeyIds } from './operator.store.ts'
import { demandStanding, type OperatorDesk } from './operator-desk.ts'
import { INVITATION_HOURS_MAX, INVITATION_SCOPES } from './token.ts'
import { hasOwnCredential, revokeHeldTokens } from './token.store.ts'

const HOUR_MILLISECONDS = 3_600_000

/** An invitation, shown this once to whoever hands it over. */
export interface Invitation {
  readonly id: string
  readonly token: string
  readonly expiresAt: Date
}

/**
 * Lets somebody begin who has no key to begin with. Whoever hands an invitation over has seen it, so that it does one
 * thing, once: its bearer makes a token of his own. Were it used by the way, the one whom it was meant for finds it spent,
 * and says so. Until it is spent a new one can be made, which takes the place of the one before; after that never again.
 */
export async function inviteOperator(desk: OperatorDesk, actor: Principal, id: string): Promise<Invitation> {
  const { db, ambient } = desk
  const made = await db.transaction().execute(async (tx) => {
    await demandStanding(tx, actor)
    await demandNotBegun(tx, id)
    const owner = { kind: 'operator', id }
    const at = ambient.now()
    await revokeHeldTokens(tx, owner, { at, kind: 'invitation' })
    const expiresAt = new Date(at.getTime() + INVITATION_HOURS_MAX * HOUR_MILLISECONDS)
    const invitation = await issueCredential(tx, ambient, {
      owner,
      expiresAt,
      kind: 'invitation',
      scopes: INVITATION_SCOPES,
    })
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at,
      actor: actor.id,
      act: 'operator:invite',
      object: `operator:${id}`,
      reason: null,
      detail: { token: invitation.id },
    })
    ambient.reached('invitation:written')
    return { id: invitation.id, token: invitation.text, expiresAt }
  })
  desk.authenticate.forget()
  return made
}

async function demandNotBegun(tx: Transaction<IssuerTables>, id: string): Promise<void> {
  const operator = await lockOperator(tx, id)
  if (operator === undefined) throw new RegistryError('operator-not-found', `There is no operator ${id}`)
  if (operator.disabledAt !== null)
    throw new RegistryError('operator-state', `Operator ${id} has been disabled`)
  if ((await readKeyIds(tx, [id])).size > 0)
    throw new RegistryError('operator-begun', `Operator ${id} has a key, and begins sessions with it`)
  if (await hasOwnCredential(tx, { kind: 'operator', id }))
    throw new RegistryError('operator-begun', `Operator ${id} has had a credential of their own`)
}
