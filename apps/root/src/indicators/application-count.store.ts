import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** Counts the applications by how far they have come. */
export async function countApplications(db: Kysely<RootTables>): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('provider_application')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .orderBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}
