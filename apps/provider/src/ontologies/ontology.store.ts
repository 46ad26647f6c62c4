import { sql, type Kysely, type Selectable, type Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import type { Description } from '../descriptions/description.ts'
import type { Ontology, ShownOntology } from './ontology.ts'
import type { ReviewAct, ReviewState } from './review.ts'

/** Why an ontology was last returned or rejected, while it stands so; for any statement on `ontology`. */
const REVIEW_REASON = sql<string | null>`(
  select step.reason from ontology_transition step
  where step.requester = ontology.requester and step.ontology_id = ontology.id
    and step.to_state = ontology.review and ontology.review in ('returned', 'rejected')
  order by step.id desc limit 1)`.as('review_reason')

/** Adds a draft. */
export async function insertDraft(
  tx: Transaction<ProviderTables>,
  draft: { requester: number; id: string; description: Description; at: Date },
): Promise<ShownOntology> {
  const row = await tx
    .insertInto('ontology')
    .values({
      requester: draft.requester,
      id: draft.id,
      description: JSON.stringify(draft.description),
      taken_by: null,
      core_profile: null,
      core_digest: null,
      ontology: null,
      life: null,
      locked_by: null,
      created_at: draft.at,
      changed_at: draft.at,
    })
    .returningAll()
    .returning(REVIEW_REASON)
    .executeTakeFirstOrThrow()
  return asShown(row)
}

/**
 * Counts the ontologies of a requester that are neither approved nor rejected, and lets no other draft of it begin
 * until the transaction ends: the count still holds when the caller adds one.
 */
export async function lockOpenCount(
  tx: Transaction<ProviderTables>,
  requester: { id: string; code: number },
): Promise<number> {
  // Not `for update`: rows that merely refer to the requester need not wait.
  await tx.selectFrom('requester').select('id').where('id', '=', requester.id).forNoKeyUpdate().execute()
  // Literal states, so that the planner sees the partial index in them.
  const { rows } = await sql<{ open: number }>`
    select count(*)::integer as open from ontology
    where requester = ${requester.code} and review not in ('approved', 'rejected')`.execute(tx)
  return rows[0]?.open ?? 0
}

/** Reads one ontology by its id. */
export async function readOntology(
  db: Kysely<ProviderTables>,
  id: string,
): Promise<ShownOntology | undefined> {
  const row = await db
    .selectFrom('ontology')
    .selectAll()
    .select(REVIEW_REASON)
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? undefined : asShown(row)
}

/**
 * Reads ontologies and holds them until the transaction ends, in one order. Without the reason of the review: a
 * statement that waited for the lock sees the new row, but not the step that was written with it.
 */
export async function lockOntologies(
  tx: Transaction<ProviderTables>,
  ids: readonly string[],
): Promise<Map<string, Ontology>> {
  const rows = await tx
    .selectFrom('ontology')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, asOntology(row)]))
}

/** Reads a page of a requester's ontologies or, without one, of all that are not drafts; newest first. */
export async function readOntologies(
  db: Kysely<ProviderTables>,
  page: { requester?: number; review?: ReviewState; before?: string; limit: number },
): Promise<ShownOntology[]> {
  const rows = await db
    .selectFrom('ontology')
    .selectAll()
    .select(REVIEW_REASON)
    .$if(page.requester !== undefined, (query) => query.where('requester', '=', page.requester ?? 0))
    .$if(page.requester === undefined, (query) => query.where('review', '<>', 'draft'))
    .$if(page.review !== undefined, (query) => query.where('review', '=', page.review ?? 'draft'))
    .$if(page.before !== undefined, (query) => query.where('id', '<', page.before ?? ''))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map(asShown)
}

/** What a review act writes besides the state. */
export interface ReviewChange {
  readonly review: ReviewState
  readonly description?: Description
  readonly takenBy?: string
  /** Null unsays the digest of what is edited again. */
  readonly core?: { profile: string; digest: `sha-256:${string}` } | null
  readonly at: Date
}

/** Writes what an act of review changed; counts the version up. The reason it answers is of the steps so far. */
export async function updateReview(
  tx: Transaction<ProviderTables>,
  ontology: Pick<Ontology, 'requester' | 'id'>,
  change: ReviewChange,
): Promise<ShownOntology> {
  const { review, description, takenBy, core, at } = change
  const row = await tx
    .updateTable('ontology')
    .set((expression) => ({
      review,
      changed_at: at,
      version: expression('version', '+', 1),
      ...(description === undefined ? {} : { description: JSON.stringify(description) }),
      ...(takenBy === undefined ? {} : { taken_by: takenBy }),
      ...(core === undefined
        ? {}
        : { core_profile: core?.profile ?? null, core_digest: core?.digest ?? null }),
    }))
    .where('requester', '=', ontology.requester)
    .where('id', '=', ontology.id)
    .returningAll()
    .returning(REVIEW_REASON)
    .executeTakeFirstOrThrow()
  return asShown(row)
}

/** Notes that ontologies were approved, and the serials that they got. */
export async function markApproved(
  tx: Transaction<ProviderTables>,
  approved: readonly { requester: number; id: string; ontology: number; at: Date }[],
): Promise<void> {
  await sql`
    update ontology o set review = 'approved', life = 'active', ontology = a.ontology,
      version = version + 1, changed_at = a.at
    from unnest(
      ${approved.map((one) => one.requester)}::bigint[],
      ${approved.map((one) => one.id)}::uuid[],
      ${approved.map((one) => one.ontology)}::bigint[],
      ${approved.map((one) => one.at.toISOString())}::timestamptz[]
    ) as a (requester, id, ontology, at)
    where o.requester = a.requester and o.id = a.id`.execute(tx)
}

/** One step of a review: who moved it from where to where, and why. */
export interface ReviewTransition {
  readonly requester: number
  readonly ontologyId: string
  readonly id: string
  readonly act: ReviewAct
  readonly from: ReviewState
  readonly to: ReviewState
  readonly actor: string
  readonly reason: string | null
  readonly at: Date
}

/** Writes a step, in the transaction of the step itself. */
export async function insertReviewTransition(
  tx: Transaction<ProviderTables>,
  step: ReviewTransition,
): Promise<void> {
  const { requester, ontologyId, id, act, from, to, actor, reason, at } = step
  await tx
    .insertInto('ontology_transition')
    .values({
      requester,
      ontology_id: ontologyId,
      id,
      act,
      from_state: from,
      to_state: to,
      actor,
      reason,
      at,
    })
    .execute()
}

function asShown(
  row: Selectable<ProviderTables['ontology']> & { review_reason: string | null },
): ShownOntology {
  return { ...asOntology(row), reviewReason: row.review_reason }
}

function asOntology(row: Selectable<ProviderTables['ontology']>): Ontology {
  const { core_profile: profile, core_digest: digest } = row
  return {
    id: row.id,
    requester: row.requester,
    version: row.version,
    description: row.description,
    review: row.review,
    takenBy: row.taken_by,
    core: profile === null || digest === null ? null : { profile, digest },
    ontology: row.ontology,
    life: row.life,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  }
}
