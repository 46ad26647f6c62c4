import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** A person who works at a node's desk. */
export interface Operator {
  readonly id: string
  readonly name: string
  readonly role: string
}

/** An operator as the desk lists one. */
export interface ListedOperator extends Operator {
  readonly createdAt: Date
  readonly disabledAt: Date | null
  readonly keyIds: readonly string[]
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

/** Reads an operator who has not been disabled. */
export async function readOperator(db: Kysely<IssuerTables>, id: string): Promise<Operator | undefined> {
  return await db
    .selectFrom('operator')
    .select(['id', 'name', 'role'])
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
}

/** Reads an operator, and holds the row until the transaction ends: what is given to one waits for what is taken. */
export async function lockOperator(
  tx: Transaction<IssuerTables>,
  id: string,
): Promise<(Operator & { disabledAt: Date | null }) | undefined> {
  const row = await tx
    .selectFrom('operator')
    .select(['id', 'name', 'role', 'disabled_at as disabledAt'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row
}

/** Notes that an operator has left the desk; nothing takes that back. */
export async function setOperatorDisabled(
  tx: Transaction<IssuerTables>,
  id: string,
  at: Date,
): Promise<void> {
  await tx.updateTable('operator').set({ disabled_at: at }).where('id', '=', id).execute()
}

/** Reads operators, newest first. */
export async function readOperators(
  db: Kysely<IssuerTables>,
  page: { before?: string; limit: number },
): Promise<ListedOperator[]> {
  const rows = await db
    .selectFrom('operator')
    .select(['id', 'name', 'role', 'created_at as createdAt', 'disabled_at as disabledAt'])
    .$if(page.before !== undefined, (query) => query.where('id', '<', page.before ?? ''))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
  const keys = await readKeyIds(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({ ...row, keyIds: keys.get(row.id) ?? [] }))
}

/** Reads which keys belong to these operators, by operator. */
export async function readKeyIds(
  db: Kysely<IssuerTables>,
  operators: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (operators.length === 0) return new Map()
  const rows = await db
    .selectFrom('officer_key')
    .select(['operator', 'kid'])
    .where('operator', 'in', operators)
    .orderBy('enrolled_at')
    .orderBy('kid')
    .execute()
  const known = new Map<string, string[]>()
  for (const { operator, kid } of rows) known.set(operator, [...(known.get(operator) ?? []), kid])
  return known
}
