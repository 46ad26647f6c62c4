import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** A person who works at a node's desk. */
export interface Operator {
  readonly id: string
  readonly name: string
  readonly role: string
}

/** True once anybody was ever made an operator. */
export async function hasOperator(tx: Transaction<IssuerTables>): Promise<boolean> {
  const row = await tx.selectFrom('operator').select('id').limit(1).executeTakeFirst()
  return row !== undefined
}

/** Adds an operator. */
export async function insertOperator(
  tx: Transaction<IssuerTables>,
  operator: Operator & { createdAt: Date },
): Promise<void> {
  const { id, name, role, createdAt } = operator
  await tx
    .insertInto('operator')
    .values({ id, name, role, created_at: createdAt, disabled_at: null })
    .execute()
}

/** Adds a token; only the hash of its secret is kept. */
export async function insertApiToken(
  tx: Transaction<IssuerTables>,
  token: {
    id: string
    secretHash: Uint8Array
    principalKind: string
    principalId: string
    createdAt: Date
    expiresAt: Date | null
  },
): Promise<void> {
  await tx
    .insertInto('api_token')
    .values({
      id: token.id,
      secret_hash: token.secretHash,
      principal_kind: token.principalKind,
      principal_id: token.principalId,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      revoked_at: null,
    })
    .execute()
}

/** Reads an unrevoked token by its id. */
export async function readApiToken(
  db: Kysely<IssuerTables>,
  id: string,
): Promise<
  { secretHash: Uint8Array; expiresAt: Date | null; principalKind: string; principalId: string } | undefined
> {
  const row = await db
    .selectFrom('api_token')
    .select(['secret_hash', 'expires_at', 'principal_kind', 'principal_id'])
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    secretHash: row.secret_hash,
    expiresAt: row.expires_at,
    principalKind: row.principal_kind,
    principalId: row.principal_id,
  }
}

/** Reads an operator who has not been disabled. */
export async function readOperator(db: Kysely<IssuerTables>, id: string): Promise<Operator | undefined> {
  return await db
    .selectFrom('operator')
    .select(['id', 'name', 'role'])
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
}
