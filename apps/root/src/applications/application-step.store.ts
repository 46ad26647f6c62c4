import type { OwnLog } from '@arc3088/records'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { ApplicationState, ApplicationStep, StepDetail } from './application-step.ts'
import type { Application } from './application.ts'
import { lockApplications } from './application.store.ts'

/** A step as it is about to be written. */
export interface NewStep {
  readonly to: ApplicationState
  readonly actor: string
  readonly reason: string | null
  readonly detail: StepDetail
  /** The proposal behind it: with an approval and a rejection, and with nothing else. */
  readonly proposalId: string | null
  readonly at: Date
  /** Who takes it up, and the log that its configuration names; null when it must be taken up anew. Left out, as it was. */
  readonly taken?: { readonly by: string; readonly log: OwnLog | null } | null
}

/**
 * Writes the next step of a locked application, and its state with it. Two at once cannot both be the next: the second
 * fails at the primary key.
 */
export async function insertStep(
  tx: Transaction<RootTables>,
  { id, step, state }: Pick<Application, 'id' | 'step' | 'state'>,
  next: NewStep,
): Promise<void> {
  await tx
    .insertInto('application_step')
    .values({
      application_id: id,
      step: step + 1,
      from_state: state,
      to_state: next.to,
      actor: next.actor,
      reason: next.reason,
      detail: JSON.stringify(next.detail),
      proposal_id: next.proposalId,
      at: next.at,
    })
    .execute()
  await tx
    .updateTable('provider_application')
    .set({ state: next.to, step: step + 1, ...takenColumns(next) })
    .where('id', '=', id)
    .execute()
}

/** Writes that applications, which the caller has locked and judged, led to codes. */
export async function insertApprovals(
  tx: Transaction<RootTables>,
  approvals: readonly { applicationId: string; actor: string; proposalId: string; at: Date }[],
): Promise<void> {
  const applications = await lockApplications(
    tx,
    approvals.map(({ applicationId }) => applicationId),
  )
  for (const { applicationId, actor, proposalId, at } of approvals) {
    const application = applications.get(applicationId)
    if (application === undefined)
      throw new Error(`Application ${applicationId} led to a code, yet is not there`)
    await insertStep(tx, application, { to: 'approved', actor, reason: null, detail: {}, proposalId, at })
  }
}

function takenColumns({ taken, at }: NewStep) {
  if (taken === undefined) return {}
  if (taken === null) return { taken_by: null, taken_at: null, tlog: null }
  const { by, log } = taken
  return { taken_by: by, taken_at: at, tlog: log === null ? null : JSON.stringify(log) }
}

/** Reads the steps of one application, in their order. */
export async function readSteps(db: Kysely<RootTables>, applicationId: string): Promise<ApplicationStep[]> {
  const rows = await db
    .selectFrom('application_step')
    .selectAll()
    .where('application_id', '=', applicationId)
    .orderBy('step')
    .execute()
  return rows.map((row) => ({
    step: row.step,
    from: row.from_state,
    to: row.to_state,
    actor: row.actor,
    reason: row.reason,
    detail: row.detail,
    at: row.at,
  }))
}

/** How long applications stood in one state, of those that left it within a span of time. */
export interface StepTimes {
  readonly state: 'applied' | 'under-review' | 'returned'
  /** How many times the state was left. */
  readonly count: number
  readonly medianSeconds: number
  readonly p90Seconds: number
}

/** How long it took from the application to its approval or rejection, of those decided within a span of time. */
export interface DecisionTimes {
  readonly count: number
  /** Null where nothing was decided. */
  readonly medianSeconds: number | null
  readonly p90Seconds: number | null
}

/** Measures the steps that were taken in [since, until); states that nothing left are not in it (P-06). */
export async function readStepTimes(
  db: Kysely<RootTables>,
  { since, until }: { since: Date; until: Date },
): Promise<StepTimes[]> {
  const { rows } = await sql<StepTimes>`
    select s.from_state as state, count(*)::int as count,
      percentile_cont(0.5) within group (order by stood.seconds)::float8 as "medianSeconds",
      percentile_cont(0.9) within group (order by stood.seconds)::float8 as "p90Seconds"
    from application_step s
      join application_step before on before.application_id = s.application_id and before.step = s.previous
      cross join lateral (select greatest(0, extract(epoch from s.at - before.at)) as seconds) stood
    where s.at >= ${since} and s.at < ${until}
    group by s.from_state
    order by array_position(array['applied', 'under-review', 'returned'], s.from_state)`.execute(db)
  return rows
}

/** Measures the applications that were approved or rejected in [since, until), from their first step (P-06). */
export async function readDecisionTimes(
  db: Kysely<RootTables>,
  { since, until }: { since: Date; until: Date },
): Promise<DecisionTimes> {
  const { rows } = await sql<DecisionTimes>`
    select count(*)::int as count,
      percentile_cont(0.5) within group (order by stood.seconds)::float8 as "medianSeconds",
      percentile_cont(0.9) within group (order by stood.seconds)::float8 as "p90Seconds"
    from application_step s
      join application_step first on first.application_id = s.application_id and first.step = 1
      cross join lateral (select greatest(0, extract(epoch from s.at - first.at)) as seconds) stood
    where s.to_state in ('approved', 'rejected') and s.at >= ${since} and s.at < ${until}`.execute(db)
  return rows[0] ?? { count: 0, medianSeconds: null, p90Seconds: null }
}
