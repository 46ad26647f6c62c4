import type { Principal } from '@arc3088/service'
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import type { Requester, RequesterFile, RequesterState } from './requester.ts'

/** Adds an applicant, dossier and all; violates `requester_dossier_submission_key` where that submission came before. */
export async function insertRequester(
  tx: Transaction<ProviderTables>,
  file: RequesterFile,
  submission: Uint8Array | null,
): Promise<void> {
  const { dossier } = file
  await tx
    .insertInto('requester')
    .values({
      id: file.id,
      kind: file.kind,
      country: file.country,
      organization: file.organization === null ? null : JSON.stringify(file.organization),
      code: null,
      applied_at: file.appliedAt,
      verified_by: null,
      verified_at: null,
    })
    .execute()
  await tx
    .insertInto('requester_dossier')
    .values({
      requester_id: file.id,
      person_name: dossier.personName,
      contact: dossier.contact,
      local_identifiers: JSON.stringify(dossier.localIdentifiers),
      evidence: JSON.stringify(dossier.evidence),
      submission,
    })
    .execute()
}

/** Reads whose application a submission was, or undefined. */
export async function readSubmitter(
  db: Kysely<ProviderTables>,
  submission: Uint8Array,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('requester_dossier')
    .select('requester_id')
    .where('submission', '=', submission)
    .executeTakeFirst()
  return row?.requester_id
}

/** Reads who a token of kind `requester` stands for now. An applicant's roles are about to change. */
export async function readRequesterPrincipal(
  db: Kysely<ProviderTables>,
  id: string,
): Promise<Principal | undefined> {
  const row = await db.selectFrom('requester').select('state').where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  return row.state === 'active'
    ? { kind: 'requester', id, roles: ['requester'] }
    : { kind: 'requester', id, roles: ['applicant'], provisional: true }
}

/** Reads the code number of a requester, or undefined while it has none. */
export async function readRequesterCode(db: Kysely<ProviderTables>, id: string): Promise<number | undefined> {
  const row = await db.selectFrom('requester').select('code').where('id', '=', id).executeTakeFirst()
  return row?.code ?? undefined
}

/** Reads everything about one requester. */
export async function readRequesterFile(
  db: Kysely<ProviderTables>,
  id: string,
): Promise<RequesterFile | undefined> {
  const row = await selectFiles(db).where('requester.id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : asFile(row)
}

/** Reads a page of requesters, newest first. */
export async function readRequesterFiles(
  db: Kysely<ProviderTables>,
  page: { state?: RequesterState; before?: string; limit: number },
): Promise<RequesterFile[]> {
  const rows = await selectFiles(db)
    .$if(page.state !== undefined, (query) => query.where('state', '=', page.state ?? 'applied'))
    .$if(page.before !== undefined, (query) => query.where('requester.id', '<', page.before ?? ''))
    .orderBy('requester.id', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map(asFile)
}

/** Reads requesters and holds them until the transaction ends, in one order. */
export async function lockRequesters(
  tx: Transaction<ProviderTables>,
  ids: readonly string[],
): Promise<Map<string, Requester>> {
  const rows = await tx
    .selectFrom('requester')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, asRequester(row)]))
}

/** Notes that requesters were verified, and the codes that they got. */
export async function markVerified(
  tx: Transaction<ProviderTables>,
  verified: readonly { id: string; code: number; operator: string; at: Date }[],
): Promise<void> {
  await sql`
    update requester set state = 'active', code = v.code, verified_by = v.operator, verified_at = v.at
    from unnest(
      ${verified.map((one) => one.id)}::uuid[],
      ${verified.map((one) => one.code)}::bigint[],
      ${verified.map((one) => one.operator)}::uuid[],
      ${verified.map((one) => one.at.toISOString())}::timestamptz[]
    ) as v (id, code, operator, at)
    where requester.id = v.id`.execute(tx)
}

function selectFiles(db: Kysely<ProviderTables>) {
  return db
    .selectFrom('requester')
    .innerJoin('requester_dossier as dossier', 'dossier.requester_id', 'requester.id')
    .selectAll('requester')
    .select(['person_name', 'contact', 'local_identifiers', 'evidence'])
}

type RequesterRow = Selectable<ProviderTables['requester']>
type FileRow = RequesterRow &
  Omit<Selectable<ProviderTables['requester_dossier']>, 'requester_id' | 'submission'>

function asRequester(row: RequesterRow): Requester {
  return {
    id: row.id,
    kind: row.kind,
    country: row.country,
    organization: row.organization,
    state: row.state,
    code: row.code,
    appliedAt: row.applied_at,
    verifiedAt: row.verified_at,
  }
}

function asFile(row: FileRow): RequesterFile {
  const { person_name, contact, local_identifiers, evidence } = row
  const dossier = { personName: person_name, contact, localIdentifiers: local_identifiers, evidence }
  return { ...asRequester(row), dossier }
}
