import { sql, type Kysely } from 'kysely'

/** Throws unless the database answers. */
export async function pingDatabase<Tables>(db: Kysely<Tables>): Promise<void> {
  await sql`select 1`.execute(db)
}
