import { RegistryError } from '@arc3088/problems'
import { z } from 'zod'

import { defineAct } from '../acts/act.ts'
import { Paragraphs } from './application-body.ts'
import { judgeStep, REJECTION_GROUNDS, type ApplicationState } from './application-step.ts'
import type { Application } from './application.ts'
import { lockApplication, moveApplication, objectOf } from './move-application.ts'

/** The kind of a proposal that ends an application without a code. */
export const REJECT_APPLICATION = 'application:reject'

const REASONS_MAX = 16

/** One ground, and what is told to the applicant. The decision is public, so nothing private belongs into it. */
export const RejectionReason = z.strictObject({ ground: z.enum(REJECTION_GROUNDS), text: Paragraphs(2000) })

/** What the desk sends. */
export const RejectApplicationAsk = z.strictObject({
  application_id: z.uuid(),
  reasons: z.array(RejectionReason).min(1).max(REASONS_MAX),
})
export type RejectApplicationAsk = z.infer<typeof RejectApplicationAsk>

/** Exactly this revision is rejected, for exactly these reasons; whose it is, the application says. */
export const RejectApplicationPayload = RejectApplicationAsk.extend({ revision: z.int().min(1) })
export type RejectApplicationPayload = z.infer<typeof RejectApplicationPayload>

/** What a rejection led to. */
export interface ApplicationRejected {
  readonly application_id: string
  readonly state: ApplicationState
}

/**
 * An organisation does not become a provider (GB/Z 185.2 5.4): two officers say why, and the applicant reads it. Nothing is
 * signed because of it but the decision itself; the organisation may apply again.
 */
export const rejectApplication = defineAct<
  RejectApplicationAsk,
  RejectApplicationPayload,
  ApplicationRejected
>({
  kind: REJECT_APPLICATION,
  summary: 'Reject an application to become a provider',
  proposers: ['officer'],
  ask: RejectApplicationAsk,
  payload: RejectApplicationPayload,
  async prepare(_deps, tx, { application_id: id, reasons }) {
    const application = await lockApplication(tx, id)
    demandRejectable(application)
    return {
      payload: { application_id: id, revision: application.revision, reasons },
      objects: [objectOf(id)],
    }
  },
  async carryOut(deps, tx, { payload, proposalId, approver }) {
    const application = await lockApplication(tx, payload.application_id)
    demandRejectable(application)
    if (application.revision !== payload.revision) {
      throw new RegistryError('proposal-changed', `The application is at revision ${application.revision}`)
    }
    const { id, state } = await moveApplication(deps, tx, application, {
      act: 'reject',
      actor: approver,
      detail: { reasons: payload.reasons },
      proposalId,
    })
    return { application_id: id, state }
  },
})

function demandRejectable({ state }: Application): void {
  const judgement = judgeStep('reject', state)
  if (judgement.kind === 'refuse') throw new RegistryError(judgement.because, judgement.detail)
}
