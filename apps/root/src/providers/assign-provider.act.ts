import { formatSegment, MAX, parseProviderNumber, readSubject } from '@arc3088/codec'
import { acknowledge, assignAll, isChoosable, readWish, type Outcome } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { jcsDigest, type CompactJws } from '@arc3088/records'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import { defineAct } from '../acts/act.ts'
import type { Application } from '../applications/application.ts'
import { lockApplications } from '../applications/application.store.ts'
import { readApplication } from '../applications/read-applications.ts'
import { demandAsSeen, seeApplicant, type SeenApplicant } from '../applications/see-applicant.ts'
import type { RootTables } from '../db/tables.ts'
import { ASSIGN_PROVIDER, AssignProviderPayload } from './assign-payload.ts'
import { beginLife } from './begin-life.ts'
import { demandApprovable } from './assignment.ts'
import { providerTier } from './provider-tier.ts'

/** What the desk sends: which application, and the code where one is chosen; null takes the next. */
export const AssignProviderAsk = z.strictObject({
  application_id: z.uuid(),
  code: z.string().min(1).max(6).nullable().default(null),
})

/** What an assignment led to: the record, as stored. */
export interface AssignmentMade {
  readonly code: string
  readonly record: CompactJws
}

/**
 * An organisation becomes a provider (GB/Z 185.2 5.4): vote, code, record and provider stand or fall together. A code that
 * the desk chose stands in the journal before it is answered, since no lease stands for it.
 */
export const assignProvider = defineAct<
  z.infer<typeof AssignProviderAsk>,
  AssignProviderPayload,
  AssignmentMade,
  SeenApplicant
>({
  kind: ASSIGN_PROVIDER,
  summary: 'Assign a provider code to an application',
  proposers: ['officer'],
  ask: AssignProviderAsk,
  payload: AssignProviderPayload,
  look: async (deps, { application_id: id }) =>
    await seeApplicant(deps, demandApprovable(await readApplication(deps, id), id)),
  async prepare(deps, tx, { application_id: id, code: text }, seen) {
    const code = readWish(parseProviderNumber, text ?? undefined)
    if (code !== undefined && !isChoosable(deps.issuing.plan(), 'provider', code)) {
      const most =
        code > MAX.provider ? 'a provider code has at most five symbols' : "choose within the plan's ranges"
      throw new RegistryError('number-out-of-plan', `${formatSegment(code)}: ${most}`, {
        extra: { clause: '5.4' },
      })
    }
    const application = demandApprovable((await lockApplications(tx, [id])).get(id), id)
    await demandAsSeen(application, seen)
    return {
      payload: payloadOf(application, code === undefined ? null : formatSegment(code)),
      objects: [`application:${id}`, ...(code === undefined ? [] : [`provider-code:${formatSegment(code)}`])],
    }
  },
  // Two places in status lists: the record's own and that of the statement. A number only where none is chosen.
  wants: ({ code }) => ({ numbers: code === null ? 1 : 0, statuses: 2 }),
  async carryOut(deps, tx, { payload, proposalId, approver, hash, draw, idempotency, decidedAt }) {
    const { issuing } = deps
    await demandUnchanged(tx, payload)
    // Read before anything is written: what is not committed is in no directory yet.
    const directory = await deps.directory.standing(tx)
    const request = {
      applicationId: payload.application_id,
      wish: payload.code === null ? undefined : parseProviderNumber(payload.code),
      approval: { proposalId, officer: approver, decision: hash },
      statementStatus: draw.status(),
    }
    const submission = { request, principal: approver, scopeRequester: 0, idempotency }
    const [outcome] = await assignAll(tx, providerTier, issuing, [submission], draw)
    const { subject, record } = demandAssigned(outcome)
    const place = request.statementStatus
    await beginLife(deps, tx, {
      code: subject.provider,
      payload,
      record,
      place,
      decision: hash,
      at: decidedAt,
      directory,
    })
    return { code: subject.text, record }
  },
  async settle({ issuing }, { code, record }) {
    const subject = readSubject(code, { prefixes: [issuing.prefix] })
    if (subject.kind === 'malformed') throw new Error(`${code} was assigned and is no code`)
    await acknowledge(issuing, 'provider', [{ kind: 'assigned', subject, record, replayed: false }])
  },
})

function payloadOf(application: Application, code: string | null): AssignProviderPayload {
  const { id, entityId, kind, organization, federationKeys, log } = application
  return {
    application_id: id,
    entity_id: entityId,
    kind,
    organization,
    territory: organization.country,
    jwks: { keys: [...federationKeys] },
    log,
    code,
  }
}

/** What will be signed is what officers decided, and the application still says it: rows alone change neither. */
async function demandUnchanged(tx: Transaction<RootTables>, payload: AssignProviderPayload): Promise<void> {
  const id = payload.application_id
  const application = demandApprovable((await lockApplications(tx, [id])).get(id), id)
  if ((await jcsDigest(payloadOf(application, payload.code))) !== (await jcsDigest(payload)))
    throw new RegistryError('proposal-changed', 'The application is no longer what was proposed')
}

/** Throwing rolls the whole decision back. */
function demandAssigned(outcome: Outcome | undefined): Extract<Outcome, { kind: 'assigned' }> {
  if (outcome === undefined) throw new Error('An approval led to no outcome')
  if (outcome.kind === 'refused') throw outcome.error
  return outcome
}
