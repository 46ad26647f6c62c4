import { insertAuditEntry, issuerTables, lockNames } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { OwnLog } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { releaseKeys } from './applicant-key.store.ts'
import { insertStep } from './application-step.store.ts'
import { isOpen, judgeStep, type ApplicationAct, type StepDetail } from './application-step.ts'
import type { Application } from './application.ts'
import { lockApplications } from './application.store.ts'

/** An act on an application by somebody, for a reason where the act needs one. */
export interface Move {
  readonly act: ApplicationAct
  /** An operator, or the applicant's entity id. */
  readonly actor: string
  readonly reason?: string | null
  readonly detail?: StepDetail
  /** The proposal that officers decided: of an approval and a rejection. */
  readonly proposalId?: string
  /** See {@link insertStep}. */
  readonly taken?: { readonly by: string; readonly log: OwnLog | null } | null
  /** What the audit trail says besides; nothing private. */
  readonly audit?: Readonly<Record<string, unknown>>
}

/** The name under which acts on one application wait for each other, and by which a proposal claims it. */
export function objectOf(applicationId: string): string {
  return `application:${applicationId}`
}

/**
 * Holds an application until the transaction ends. The name comes first, as in an approval: otherwise each could hold what
 * the other waits for.
 *
 * @throws RegistryError `application-not-found`.
 */
export async function lockApplication(tx: Transaction<RootTables>, id: string): Promise<Application> {
  await lockNames(issuerTables(tx), [objectOf(id)])
  const application = (await lockApplications(tx, [id])).get(id)
  if (application === undefined)
    throw new RegistryError('application-not-found', `There is no application ${id}`)
  return application
}

/** Carries out an act on a locked application: judgement, step, state, claims of keys and audit entry together. */
export async function moveApplication(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  application: Application,
  move: Move,
): Promise<Application> {
  const { ambient } = deps.node
  const judgement = judgeStep(move.act, application.state)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
  const { to } = judgement
  const at = ambient.now()
  const { act, actor, reason = null, detail = {}, proposalId = null, taken, audit = {} } = move
  await insertStep(tx, application, {
    to,
    actor,
    reason,
    detail,
    proposalId,
    at,
    ...(taken === undefined ? {} : { taken }),
  })
  // Whoever failed leaves the keys to whoever has them; whoever must be looked at anew claims them anew.
  if (to !== 'approved' && (!isOpen(to) || to === 'applied')) await releaseKeys(tx, application.id)
  await insertAuditEntry(issuerTables(tx), {
    id: ambient.newId(),
    at,
    actor,
    act: `application:${act}`,
    object: objectOf(application.id),
    reason,
    detail: { from: application.state, to, revision: application.revision, ...audit },
  })
  return {
    ...application,
    state: to,
    stateSince: at,
    step: application.step + 1,
    ...(taken === undefined ? {} : { takenBy: taken?.by ?? null, log: taken?.log ?? null }),
  }
}
