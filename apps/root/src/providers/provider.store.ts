import type { Organization, OwnLog, PublicJwk } from '@arc3088/records'
import type { StatusIndex } from '@arc3088/issuer'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { ProviderKind } from '../applications/application.ts'
import type { RootTables } from '../db/tables.ts'
import type { ProviderAssignment } from './assignment.ts'
import type { ProviderLife } from './provider-life.ts'

/** Holds a provider until the transaction ends: its steps come one at a time. False where no row says that there is one. */
export async function lockProvider(tx: Transaction<RootTables>, code: number): Promise<boolean> {
  const row = await tx
    .selectFrom('provider')
    .select('code')
    .where('code', '=', code)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Writes what verified steps made of a provider into its row, for queries. */
export async function writeProviderFacts(
  tx: Transaction<RootTables>,
  life: Pick<ProviderLife, 'code' | 'state' | 'federationKeys' | 'log'>,
): Promise<void> {
  await tx
    .updateTable('provider')
    .set({
      state: life.state,
      federation_jwks: JSON.stringify(life.federationKeys),
      tlog: life.log === undefined ? null : JSON.stringify(life.log),
    })
    .where('code', '=', life.code)
    .execute()
}

/** Finds which of these entities are providers. */
export async function readKnownEntities(
  db: Kysely<RootTables>,
  entityIds: readonly string[],
): Promise<Set<string>> {
  if (entityIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('provider_entity')
    .select('entity_id')
    .where('entity_id', 'in', [...entityIds])
    .execute()
  return new Set(rows.map((row) => row.entity_id))
}

/** Makes providers of applications, each on the approving vote that its row names. */
export async function insertProviders(
  tx: Transaction<RootTables>,
  assigned: readonly { request: ProviderAssignment; code: number; assignedAt: Date }[],
): Promise<void> {
  for (const { request, code, assignedAt } of assigned) {
    await tx
      .insertInto('provider')
      .columns([
        'code',
        'entity_id',
        'application_id',
        'proposal_id',
        'approver',
        'kind',
        'territory',
        'organization',
        'federation_jwks',
        'statement_status_list',
        'statement_status_index',
        'assigned_at',
        'tlog',
      ])
      .expression((query) =>
        query
          .selectFrom('provider_application as application')
          .select([
            sql.val(code).as('code'),
            'application.entity_id',
            'application.id as application_id',
            sql<string>`${request.approval.proposalId}::uuid`.as('proposal_id'),
            sql<string>`${request.approval.officer}::uuid`.as('approver'),
            'application.kind',
            sql<string>`application.organization ->> 'country'`.as('territory'),
            'application.organization',
            'application.federation_jwks',
            sql.val(request.statementStatus.list).as('statement_status_list'),
            sql.val(request.statementStatus.index).as('statement_status_index'),
            sql<Date>`${assignedAt}::timestamptz`.as('assigned_at'),
            'application.tlog',
          ])
          .where('application.id', '=', request.applicationId),
      )
      .execute()
  }
}

/** Reads the active providers that have a log, oldest codes first: they witness the root's. */
export async function readLogOwners(
  db: Kysely<RootTables>,
  limit: number,
): Promise<{ entityId: string; log: OwnLog }[]> {
  const rows = await db
    .selectFrom('provider')
    .select(['entity_id', 'tlog'])
    .where('state', '=', 'active')
    .where('tlog', 'is not', null)
    .orderBy('code')
    .limit(limit)
    .execute()
  return rows.flatMap(({ entity_id: entityId, tlog }) => (tlog === null ? [] : [{ entityId, log: tlog }]))
}

/** Where the status of each provider's statement stands or stood, active or not. */
export async function readStatementStatuses(db: Kysely<RootTables>): Promise<StatusIndex[]> {
  const { rows } = await sql<StatusIndex>`
    select statement_status_list as list, statement_status_index as index from provider
    union
    select statement_status_list, statement_status_index from provider_entry
    where statement_status_list is not null`.execute(db)
  return rows
}

/** A provider as its row and its record have it, before anything about it was verified. */
export interface UnadoptedProvider {
  readonly code: number
  readonly entityId: string
  readonly kind: ProviderKind
  readonly territory: string
  readonly organization: Organization
  readonly federationKeys: readonly PublicJwk[]
  readonly log: OwnLog | null
  readonly assignedAt: Date
  readonly statementPlace: StatusIndex
  readonly record: string
}

/** Reads the providers whose life nothing has begun, by code. */
export async function readUnadopted(tx: Transaction<RootTables>): Promise<UnadoptedProvider[]> {
  const rows = await tx
    .selectFrom('provider')
    .innerJoin('assignment_record as record', (join) =>
      join
        .onRef('record.provider', '=', 'provider.code')
        .on('record.requester', '=', 0)
        .on('record.ontology', '=', 0)
        .on('record.instance', '=', 0),
    )
    .selectAll('provider')
    .select('record.jws')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('provider_entry')
            .select('hash')
            .whereRef('provider_entry.provider', '=', 'provider.code'),
        ),
      ),
    )
    .orderBy('provider.code')
    .execute()
  return rows.map((row) => ({
    code: row.code,
    entityId: row.entity_id,
    kind: row.kind,
    territory: row.territory,
    organization: row.organization,
    federationKeys: row.federation_jwks,
    log: row.tlog,
    assignedAt: row.assigned_at,
    statementPlace: { list: row.statement_status_list, index: row.statement_status_index },
    record: row.jws,
  }))
}
