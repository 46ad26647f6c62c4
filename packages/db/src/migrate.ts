import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'

export type { Migration }

/** Stamp to migration, oldest first, as written in the source: `'20261122T090000-code-ledger': ledger`. */
export type MigrationList = Readonly<Record<string, Migration>>

export interface MigrationOwner {
  /** Names the migration table: `migration_<owner>`. */
  readonly owner: string
  readonly migrations: MigrationList
}

const OWNER = /^[a-z][a-z0-9_]{0,30}$/
const STAMP = /^\d{8}T\d{6}-[a-z0-9]+(-[a-z0-9]+)*$/
/** The two halves of one advisory lock: any two numbers, so long as every process uses the same. */
const LOCK = [3088, 1] as const

/** Brings one owner's tables up to date; answers the stamps it ran. All in one transaction: a failure leaves nothing. */
export async function migrate<DB>(options: MigrationOwner & { readonly db: Kysely<DB> }): Promise<string[]> {
  const { error, results } = await migratorOf(options.db, options).migrateToLatest()
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')
    throw new Error(`migration ${options.owner}/${failed?.migrationName ?? '?'} failed`, { cause: error })
  }
  await letAppReadMigrationTable(options.db, options.owner)
  return (results ?? []).map((result) => result.migrationName)
}

/**
 * Migrates each owner in the order given, under one advisory lock: two processes starting at once do not meet.
 * The lock takes a connection of its own, so `db` must be able to open two.
 */
export async function migrateAll<DB>(db: Kysely<DB>, owners: readonly MigrationOwner[]): Promise<string[]> {
  return await db.connection().execute(async (locking) => {
    await sql`select pg_advisory_lock(${sql.lit(LOCK[0])}, ${sql.lit(LOCK[1])})`.execute(locking)
    try {
      const ran: string[] = []
      for (const owner of owners) {
        const stamps = await migrate({ db, ...owner })
        ran.push(...stamps.map((stamp) => `${owner.owner}/${stamp}`))
      }
      return ran
    } finally {
      await sql`select pg_advisory_unlock(${sql.lit(LOCK[0])}, ${sql.lit(LOCK[1])})`.execute(locking)
    }
  })
}

/** The stamps not yet run, as `owner/stamp`; only reads, so that the `_app` role may ask (see provision.ts). */
export async function pendingMigrations<DB>(
  db: Kysely<DB>,
  owners: readonly MigrationOwner[],
): Promise<string[]> {
  const pending: string[] = []
  for (const owner of owners) {
    const known = await migratorOf(db, owner).getMigrations()
    pending.push(...known.filter((m) => m.executedAt === undefined).map((m) => `${owner.owner}/${m.name}`))
  }
  return pending
}

/** Readiness asks `pendingMigrations` as the `_app` role, and kysely makes the table outside every migration. */
async function letAppReadMigrationTable<DB>(db: Kysely<DB>, owner: string): Promise<void> {
  await sql`do $$ declare app text := regexp_replace(current_user, '_owner$', '_app'); begin
    if app <> current_user and exists (select from pg_roles where rolname = app) then
      execute format('grant select on %I to %I', ${sql.lit(`migration_${owner}`)}, app);
    end if;
  end $$`.execute(db)
}

function migratorOf<DB>(db: Kysely<DB>, { owner, migrations }: MigrationOwner): Migrator {
  if (!OWNER.test(owner)) throw new Error(`"${owner}" cannot name a migration table`)
  const stamps = Object.keys(migrations)
  const bad = stamps.find((stamp, i) => !STAMP.test(stamp) || stamp <= (stamps[i - 1] ?? ''))
  if (bad !== undefined) throw new Error(`migration stamp "${bad}" of ${owner} is malformed or out of order`)
  return new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: `migration_${owner}`,
    migrationLockTableName: `migration_${owner}_lock`,
  })
}
