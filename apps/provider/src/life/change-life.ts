import type { Subject } from '@arc3088/codec'
import { codeKeyOf, insertAuditEntry, issuerTables, readStoredRecord, setStatus } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Principal } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import { readOwnCode } from '../resolution/own-codes.ts'
import { demandRequesterCode } from '../requesters/read-requesters.ts'
import { judgeLife, STATUS_OF_LIFE, type Life, type LifeAct } from './life.ts'
import { lockLife, writeLife } from './life.store.ts'

/** What became of a code. */
export interface ChangedLife {
  readonly subject: Subject
  readonly life: Life
}

/**
 * Locks, unlocks or retires an ontology or an instance, by its requester or a reviewer: the step, the state and
 * the entry in the status list together. The same act again changes nothing and answers the same.
 */
export async function changeLife(
  deps: ProviderDeps,
  change: { code: string; act: LifeAct; principal: Principal; reason: string },
): Promise<ChangedLife> {
  const { act, principal, reason } = change
  const { ambient, db } = deps.node
  const subject = readOwnCode(deps, change.code)
  if (principal.kind === 'requester') await demandOwner(deps, principal.id, subject)
  const key = codeKeyOf(subject)
  return await db.transaction().execute(async (tx) => {
    const life = await lockLife(tx, key)
    const stored = await readStoredRecord(issuerTables(tx), key)
    if (life === undefined || stored === undefined)
      throw new RegistryError('code-not-found', `${subject.text} was never assigned`)
    const move = judgeLife(act, life)
    if (move.kind === 'refuse') throw new RegistryError(move.because, move.detail)
    if (move.kind === 'unchanged') return { subject, life }
    const at = ambient.now()
    const { to } = move
    await writeLife(tx, { key, id: ambient.newId(), act, from: life, to, actor: principal.id, reason, at })
    await setStatus(issuerTables(tx), ambient, {
      subject,
      status: stored.status,
      value: STATUS_OF_LIFE[to],
      at,
    })
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: principal.id,
      act: `code:${act}`,
      object: `code:${subject.text}`,
      reason,
      detail: { from: life, to },
    })
    ambient.reached('life:written')
    return { subject, life: to }
  })
}

async function demandOwner(deps: ProviderDeps, requesterId: string, subject: Subject): Promise<void> {
  const requester = await demandRequesterCode(deps, requesterId)
  if (subject.requester === requester) return
  throw new RegistryError('forbidden', `${subject.text} belongs to another requester`)
}
