import { formatSegment } from '@arc3088/codec'
import { ShownOrganization, OwnLog } from '@arc3088/records'
import { z } from '@hono/zod-openapi'

import { ApplicationDossier } from '../applications/application-body.ts'
import {
  APPLICATION_STATES,
  isOpen,
  REJECTION_GROUNDS,
  RETURNED_ITEMS,
  secondsBetween,
  type ApplicationStep,
} from '../applications/application-step.ts'
import type { Application } from '../applications/application.ts'
import type { ApplicationFile } from '../applications/read-applications.ts'
import type { ApplicationReceipt } from '../applications/submit-application.ts'

/** The states, as the routes spell them. */
export const StateName = z.enum(APPLICATION_STATES)

/** What anybody who has the id may see: how far it has come, and of whom. */
export const ReceiptView = z
  .object({
    id: z.uuid(),
    entity_id: z.url(),
    state: StateName,
    revision: z.int().openapi({ description: 'how often it was sent: what a completion must name' }),
    applied_at: z.iso.datetime(),
  })
  .openapi('ProviderApplicationReceipt')

const StepFields = {
  step: z.int(),
  from: StateName.nullable(),
  to: StateName,
  at: z.iso.datetime(),
  seconds: z.int().nullable().openapi({ description: 'how long it stood in `from`; null at the first step' }),
  reason: z.string().nullable(),
  items: z
    .array(z.object({ about: z.enum(RETURNED_ITEMS), note: z.string() }))
    .openapi({ description: 'what is to be completed' }),
  reasons: z
    .array(z.object({ ground: z.enum(REJECTION_GROUNDS), text: z.string() }))
    .openapi({ description: 'why it was rejected' }),
}

/** What an application says, besides who sent it. */
const ContentFields = {
  kind: z.enum(['domestic', 'overseas']),
  organization: ShownOrganization,
  contact: z.string(),
  ...ApplicationDossier.shape,
  wished_code: z.string().nullable(),
}
const KEY_NAMES = z.array(z.string()).openapi({ description: 'their thumbprints' })

/** What its applicant sees of its own application. */
export const OwnApplicationView = ReceiptView.extend({
  ...ContentFields,
  jwks: z.object({
    keys: z
      .array(z.record(z.string(), z.string()))
      .openapi({ description: 'JWKs, as they were applied with' }),
  }),
  state_since: z.iso.datetime(),
  steps: z.array(z.object({ ...StepFields, by: z.enum(['applicant', 'authority']) })),
}).openapi('OwnProviderApplication')

/** What a list of the desk shows of an application. */
export const ApplicationView = ReceiptView.extend({
  ...ContentFields,
  federation_keys: KEY_NAMES,
  log: OwnLog.nullable().openapi({ description: 'its transparency log, known once it is taken up' }),
  state_since: z.iso.datetime(),
  seconds_in_state: z
    .int()
    .nullable()
    .openapi({ description: 'until now; null where it has come to an end' }),
  taken_by: z.uuid().nullable(),
}).openapi('ProviderApplication')

/** The whole file, for the desk. */
export const ApplicationFileView = ApplicationView.extend({
  steps: z.array(z.object({ ...StepFields, actor: z.string() })),
}).openapi('ProviderApplicationFile')

export function viewReceipt(receipt: ApplicationReceipt): z.infer<typeof ReceiptView> {
  const { id, entityId, state, revision, appliedAt } = receipt
  return { id, entity_id: entityId, state, revision, applied_at: appliedAt.toISOString() }
}

export function viewApplication(application: Application, now: Date): z.infer<typeof ApplicationView> {
  const { state, stateSince, log, takenBy } = application
  return {
    ...viewReceipt(application),
    ...viewContent(application),
    federation_keys: application.federationKeys.map((key) => key.kid),
    log,
    state_since: stateSince.toISOString(),
    seconds_in_state: isOpen(state) ? secondsBetween(stateSince, now) : null,
    taken_by: takenBy,
  }
}

export function viewFile(
  { application, steps }: ApplicationFile,
  now: Date,
): z.infer<typeof ApplicationFileView> {
  return {
    ...viewApplication(application, now),
    steps: steps.map((step, nth) => ({ ...viewStep(step, steps[nth - 1]), actor: step.actor })),
  }
}

/** As its applicant sees it: who of the desk did what is not its affair. */
export function viewOwn({ application, steps }: ApplicationFile): z.infer<typeof OwnApplicationView> {
  return {
    ...viewReceipt(application),
    ...viewContent(application),
    jwks: { keys: application.federationKeys.map((key) => ({ ...key })) },
    state_since: application.stateSince.toISOString(),
    steps: steps.map((step, nth) => ({
      ...viewStep(step, steps[nth - 1]),
      by: step.actor === application.entityId ? ('applicant' as const) : ('authority' as const),
    })),
  }
}

function viewContent(application: Application) {
  const { kind, organization, contact, dossier, wishedCode } = application
  return {
    kind,
    organization,
    contact,
    ...dossier,
    wished_code: wishedCode === null ? null : formatSegment(wishedCode),
  }
}

function viewStep(step: ApplicationStep, before: ApplicationStep | undefined) {
  const { from, to, at, reason, detail } = step
  return {
    step: step.step,
    from,
    to,
    at: at.toISOString(),
    seconds: before === undefined ? null : secondsBetween(before.at, at),
    reason,
    items: [...(detail.items ?? [])],
    reasons: [...(detail.reasons ?? [])],
  }
}
