import type { Kysely, Selectable, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { ApplicationState } from './application-step.ts'
import type { Application, ProviderKind } from './application.ts'

/** The request that an application came in, verbatim. */
export interface SignedRequest {
  readonly jws: string
  readonly id: string
  readonly hash: string
}

/** What of an application its newest revision says. */
export type ApplicationContent = Pick<
  Application,
  'kind' | 'organization' | 'contact' | 'dossier' | 'federationKeys' | 'wishedCode'
>

/** Adds an application with its first step; undefined when this very request came in before. */
export async function insertApplication(
  tx: Transaction<RootTables>,
  application: Application,
  request: SignedRequest,
): Promise<Application | undefined> {
  const row = await tx
    .insertInto('provider_application')
    .values({
      id: application.id,
      entity_id: application.entityId,
      ...contentColumns(application),
      request_jws: request.jws,
      request_id: request.id,
      request_hash: request.hash,
      applied_at: application.appliedAt,
      taken_by: null,
      taken_at: null,
      tlog: null,
    })
    .onConflict((conflict) => conflict.columns(['entity_id', 'request_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return undefined
  await tx
    .insertInto('application_step')
    .values({
      application_id: application.id,
      step: 1,
      from_state: null,
      to_state: 'applied',
      actor: application.entityId,
      reason: null,
      detail: JSON.stringify({}),
      proposal_id: null,
      at: application.appliedAt,
    })
    .execute()
  return application
}

/** Reads the application that a request led to, with the hash of what it asked. */
export async function readApplicationByRequest(
  db: Kysely<RootTables>,
  request: { entityId: string; id: string },
): Promise<{ application: Application; requestHash: string } | undefined> {
  const row = await applications(db)
    .where('provider_application.entity_id', '=', request.entityId)
    .where('request_id', '=', request.id)
    .executeTakeFirst()
  return row === undefined ? undefined : { application: asApplication(row), requestHash: row.request_hash }
}

/** True while an application of this entity is under review, returned, or led to a code. */
export async function isEntityTakenUp(db: Kysely<RootTables>, entityId: string): Promise<boolean> {
  const row = await db
    .selectFrom('provider_application')
    .select('id')
    .where('entity_id', '=', entityId)
    .where('state', 'in', ['under-review', 'returned', 'approved'])
    .executeTakeFirst()
  return row !== undefined
}

/** Reads one application. */
export async function readApplication(db: Kysely<RootTables>, id: string): Promise<Application | undefined> {
  const row = await applications(db).where('provider_application.id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : asApplication(row)
}

/** Reads applications and holds them until the transaction ends, in one order. */
export async function lockApplications(
  tx: Transaction<RootTables>,
  ids: readonly string[],
): Promise<Map<string, Application>> {
  // Locked first and read then: a join that waited for its lock would show the step from before the wait.
  const locked = await tx
    .selectFrom('provider_application')
    .select('id')
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute()
  if (locked.length === 0) return new Map()
  const rows = await applications(tx)
    .where(
      'provider_application.id',
      'in',
      locked.map(({ id }) => id),
    )
    .execute()
  return new Map(rows.map((row) => [row.id, asApplication(row)]))
}

/** What a list of applications may be narrowed to. */
export interface ApplicationFilter {
  readonly state?: ApplicationState
  readonly kind?: ProviderKind
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  readonly entityId?: string
  /** Taken up by this operator. */
  readonly takenBy?: string
}

/** Reads a page of applications, newest first. */
export async function readApplications(
  db: Kysely<RootTables>,
  page: ApplicationFilter & { before?: string; limit: number },
): Promise<Application[]> {
  const { state, kind, country, entityId, takenBy, before, limit } = page
  let query = applications(db)
  if (state !== undefined) query = query.where('state', '=', state)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (country !== undefined)
    query = query.where((eb) => eb(eb.ref('organization', '->>').key('country'), '=', country))
  if (entityId !== undefined) query = query.where('entity_id', '=', entityId)
  if (takenBy !== undefined) query = query.where('taken_by', '=', takenBy)
  if (before !== undefined) query = query.where('provider_application.id', '<', before)
  const rows = await query.orderBy('provider_application.id', 'desc').limit(limit).execute()
  return rows.map(asApplication)
}

/** Writes what a completion says in the place of what was there. */
export async function updateContent(
  tx: Transaction<RootTables>,
  application: Pick<Application, 'id' | 'revision'> & ApplicationContent,
): Promise<void> {
  await tx
    .updateTable('provider_application')
    .set({ ...contentColumns(application), revision: application.revision })
    .where('id', '=', application.id)
    .execute()
}

function contentColumns(content: ApplicationContent) {
  return {
    kind: content.kind,
    organization: JSON.stringify(content.organization),
    contact: content.contact,
    federation_jwks: JSON.stringify(content.federationKeys),
    wished_code: content.wishedCode,
    dossier: JSON.stringify(content.dossier),
  }
}

/** Applications, each with the step that it stands at. */
function applications(db: Kysely<RootTables>) {
  return db
    .selectFrom('provider_application')
    .innerJoin('application_step', (join) =>
      join
        .onRef('application_step.application_id', '=', 'provider_application.id')
        .onRef('application_step.step', '=', 'provider_application.step'),
    )
    .selectAll('provider_application')
    .select('application_step.at as state_since')
}

const NOTHING_MORE = { identifiers: [], evidence: [], scenarios: [] }

function asApplication(
  row: Selectable<RootTables['provider_application']> & { state_since: Date },
): Application {
  return {
    id: row.id,
    entityId: row.entity_id,
    kind: row.kind,
    organization: row.organization,
    contact: row.contact,
    // Applications from before there was a dossier have an empty one.
    dossier: { ...NOTHING_MORE, ...row.dossier },
    federationKeys: row.federation_jwks,
    wishedCode: row.wished_code,
    log: row.tlog,
    state: row.state,
    stateSince: row.state_since,
    revision: row.revision,
    step: row.step,
    takenBy: row.taken_by,
    appliedAt: row.applied_at,
  }
}
