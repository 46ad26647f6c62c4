import { RegistryError } from '@arc3088/problems'
import type { Principal } from '@arc3088/service'

import { insertAuditEntry } from '../audit/audit.store.ts'
import { issueCredential } from './issue-api-token.ts'
import { demandStanding, type OperatorDesk } from './operator-desk.ts'
import { judgeWantedToken, TOKENS_HELD_MAX, type WantedToken } from './token.ts'
import { readHeldTokens, revokeHeldTokens, revokeToken, type ListedToken } from './token.store.ts'

/** A token as its maker gets it, this once. */
export type ShownToken = ListedToken & { readonly token: string }

/**
 * Makes a token for whoever asks, within what they may do. The label is what tells a retry: a second token of the same
 * label is refused while the first is in force, so that a lost answer leaves one token, which can be found and revoked. An
 * invitation is spent with it.
 */
export async function createToken(
  desk: OperatorDesk,
  holder: Principal,
  wanted: WantedToken,
): Promise<ShownToken> {
  const { db, ambient, permissions: table } = desk
  const made = await db.transaction().execute(async (tx) => {
    await demandStanding(tx, holder)
    const at = ambient.now()
    judgeWantedToken(wanted, { table, holder, at })
    const owner = { kind: 'operator', id: holder.id }
    const { label, scopes, expiresAt } = wanted
    await revokeHeldTokens(tx, owner, { at, expiredLabel: label })
    const held = await readHeldTokens(tx, owner, at)
    if (held.some((token) => token.label === label))
      throw new RegistryError('token-label-used', `Revoke the token ${label}, or name this one otherwise`)
    if (held.length >= TOKENS_HELD_MAX)
      throw new RegistryError('token-limit', `You hold ${held.length} credentials; revoke one`)
    const extra = scopes === null ? {} : { scopes }
    const { id, text, createdAt } = await issueCredential(tx, ambient, { owner, expiresAt, label, ...extra })
    if (holder.credential?.kind === 'invitation') await revokeToken(tx, holder.credential.id, at)
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at,
      actor: holder.id,
      act: 'token:create',
      object: `operator:${holder.id}`,
      reason: null,
      detail: { token: id, label, scopes, expires_at: expiresAt.toISOString() },
    })
    ambient.reached('token:written')
    return { id, kind: 'token' as const, label, scopes, keyId: null, createdAt, expiresAt, token: text }
  })
  desk.authenticate.forget()
  ambient.reached('token:committed')
  return made
}
