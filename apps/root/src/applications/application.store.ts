import type { OwnLog } from '@arc3088/records'
import type { Kysely, Selectable, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { Application, ApplicationState } from './application.ts'

/** The request that an application came in, verbatim. */
export interface SignedRequest {
  readonly jws: string
  readonly id: string
  readonly hash: string
}

/** Adds an application; undefined when this very request came in before. */
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
      kind: application.kind,
      organization: JSON.stringify(application.organization),
      contact: application.contact,
      federation_jwks: JSON.stringify(application.federationKeys),
      wished_code: application.wishedCode,
      request_jws: request.jws,
      request_id: request.id,
      request_hash: request.hash,
      applied_at: application.appliedAt,
      taken_by: null,
      taken_at: null,
      tlog: null,
    })
    .onConflict((conflict) => conflict.columns(['entity_id', 'request_id']).doNothing())
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? undefined : asApplication(row)
}

/** Reads the application that a request led to, with the hash of what it asked. */
export async function readApplicationByRequest(
  db: Kysely<RootTables>,
  request: { entityId: string; id: string },
): Promise<{ application: Application; requestHash: string } | undefined> {
  const row = await db
    .selectFrom('provider_application')
    .selectAll()
    .where('entity_id', '=', request.entityId)
    .where('request_id', '=', request.id)
    .executeTakeFirst()
  return row === undefined ? undefined : { application: asApplication(row), requestHash: row.request_hash }
}

/** True once an application of this entity was taken up: somebody has looked at who controls its address. */
export async function isEntityTakenUp(db: Kysely<RootTables>, entityId: string): Promise<boolean> {
  const row = await db
    .selectFrom('provider_application')
    .select('id')
    .where('entity_id', '=', entityId)
    .where('state', '<>', 'applied')
    .executeTakeFirst()
  return row !== undefined
}

/** Reads one application. */
export async function readApplication(db: Kysely<RootTables>, id: string): Promise<Application | undefined> {
  const row = await db.selectFrom('provider_application').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : asApplication(row)
}

/** Reads applications and holds them until the transaction ends, in one order. */
export async function lockApplications(
  tx: Transaction<RootTables>,
  ids: readonly string[],
): Promise<Map<string, Application>> {
  const rows = await tx
    .selectFrom('provider_application')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, asApplication(row)]))
}

/** Reads a page of applications, newest first. */
export async function readApplications(
  db: Kysely<RootTables>,
  page: { state?: ApplicationState; before?: string; limit: number },
): Promise<Application[]> {
  const rows = await db
    .selectFrom('provider_application')
    .selectAll()
    .$if(page.state !== undefined, (query) => query.where('state', '=', page.state ?? 'applied'))
    .$if(page.before !== undefined, (query) => query.where('id', '<', page.before ?? ''))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map(asApplication)
}

/** Notes who took an application up for review, and which log its configuration names. */
export async function markTaken(
  tx: Transaction<RootTables>,
  taken: { id: string; officer: string; at: Date; log: OwnLog | null },
): Promise<void> {
  const { id, officer, at, log } = taken
  await tx
    .updateTable('provider_application')
    .set({
      state: 'under-review',
      taken_by: officer,
      taken_at: at,
      tlog: log === null ? null : JSON.stringify(log),
    })
    .where('id', '=', id)
    .execute()
}

/** Notes that an application led to a code. */
export async function markApproved(tx: Transaction<RootTables>, ids: readonly string[]): Promise<void> {
  await tx
    .updateTable('provider_application')
    .set({ state: 'approved' })
    .where('id', 'in', [...ids])
    .execute()
}

function asApplication(row: Selectable<RootTables['provider_application']>): Application {
  return {
    id: row.id,
    entityId: row.entity_id,
    kind: row.kind,
    organization: row.organization,
    contact: row.contact,
    federationKeys: row.federation_jwks,
    wishedCode: row.wished_code,
    log: row.tlog,
    state: row.state,
    appliedAt: row.applied_at,
  }
}
