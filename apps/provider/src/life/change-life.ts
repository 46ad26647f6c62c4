import type { Subject } from '@arc3088/codec'
import {
  codeKeyOf,
  insertAuditEntry,
  isPublicName,
  issuerTables,
  readStoredRecord,
  setStatus,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Principal } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import { readOwnCode } from '../resolution/own-codes.ts'
import { demandRequesterCode } from '../requesters/read-requesters.ts'
import { judgeLife, STATUS_OF_LIFE, type LifeAct, type LifeStanding, type LockHolder } from './life.ts'
import { lockLife, writeLife } from './life.store.ts'

/** What became of a code. */
export interface ChangedLife {
  readonly subject: Subject
  readonly standing: LifeStanding
}

/**
 * Locks, unlocks or retires an ontology or an instance, by its requester or a reviewer: the step, the state and
 * the entry in the status list together. The same act again changes nothing and answers the same. Throws
 * `forbidden` where a requester would undo a lock of the desk, `provider-retired` below a provider that is retired.
 */
export async function changeLife(
  deps: ProviderDeps,
  change: { code: string; act: LifeAct; principal: Principal; reason: string },
): Promise<ChangedLife> {
  const { act, principal, reason } = change
  const { ambient, db } = deps.node
  const subject = readOwnCode(deps, change.code)
  if (principal.kind === 'requester') await demandOwner(deps, principal.id, subject)
  const by: LockHolder = principal.kind === 'requester' ? 'requester' : 'desk'
  const key = codeKeyOf(subject)
  demandNotRetired(deps)
  const issuing = deps.node.issuing(deps.appointment.demand().prefix)
  issuing.demandWritable()
  return await db.transaction().execute(async (tx) => {
    const from = await lockLife(tx, key)
    const stored = await readStoredRecord(issuerTables(tx), key)
    if (from === undefined || stored === undefined)
      throw new RegistryError('code-not-found', `${subject.text} was never assigned`)
    const move = judgeLife(act, from, by)
    if (move.kind === 'refuse') throw new RegistryError(move.because, move.detail)
    if (move.kind === 'unchanged') return { subject, standing: from }
    const at = ambient.now()
    const { to } = move
    await writeLife(tx, { key, id: ambient.newId(), act, from, to, actor: principal.id, reason, at })
    // A lock that only changes hands is the same to a verifier.
    if (from.life !== to.life) {
      const value = STATUS_OF_LIFE[to.life]
      const named = { subject, isPublic: isPublicName(subject.level) }
      const [logName] = await issuing.logNames.namesOf(issuerTables(tx), [named])
      if (logName === undefined) throw new Error(`${subject.text} was left without a name in the log`)
      await setStatus(issuerTables(tx), ambient, { subject, status: stored.status, value, at, logName })
    }
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: principal.id,
      act: `code:${act}`,
      object: `code:${subject.text}`,
      reason,
      detail: {
        from: from.life,
        from_locked_by: from.lockedBy,
        to: to.life,
        to_locked_by: to.lockedBy,
      },
    })
    ambient.reached('life:written')
    return { subject, standing: to }
  })
}

/** What a retired provider left stays as it is, whoever serves it (wire-format W2). */
function demandNotRetired({ appointment }: ProviderDeps): void {
  const { ended, lapse } = appointment.mandate()
  if (ended === 'provider-retired') throw new RegistryError('provider-retired', lapse ?? 'It is retired')
}

async function demandOwner(deps: ProviderDeps, requesterId: string, subject: Subject): Promise<void> {
  const requester = await demandRequesterCode(deps, requesterId)
  if (subject.requester === requester) return
  throw new RegistryError('forbidden', `${subject.text} belongs to another requester`)
}
