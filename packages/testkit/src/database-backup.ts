import pg from 'pg'

import { currentTestRun } from './test-run.ts'

/** A test database as it once was. */
export interface DatabaseBackup {
  /** Puts it in the place of the database, whose connections end; what came later is gone. */
  putBack(): Promise<void>
}

/** Copies the database of a node that is stopped; other connections to it end. It goes with the run. */
export async function backUpDatabase({ appUrl, ownerUrl }: BackedUp): Promise<DatabaseBackup> {
  const { adminUrl } = currentTestRun()
  const name = new URL(appUrl).pathname.slice(1)
  const [database, backup, app, owner] = [
    name,
    `${name}_backup`,
    new URL(appUrl).username,
    new URL(ownerUrl).username,
  ].map((each) => pg.escapeIdentifier(each))
  await executeAll(adminUrl, [
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = ${pg.escapeLiteral(name)}`,
    `create database ${backup} template ${database} owner ${owner} strategy wal_log`,
  ])
  return {
    putBack: async () =>
      await executeAll(adminUrl, [
        `drop database ${database} with (force)`,
        `create database ${database} template ${backup} owner ${owner} strategy wal_log`,
        // A copy has the schema and its grants, not who may connect.
        `revoke all on database ${database} from public`,
        `grant connect on database ${database} to ${app}`,
        `drop database ${backup}`,
      ]),
  }
}

interface BackedUp {
  readonly appUrl: string
  readonly ownerUrl: string
}

async function executeAll(adminUrl: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
