import pg from 'pg'

import type { FederationNode } from './federation.ts'

/** The database of a node as it once was. */
export interface Backup extends AsyncDisposable {
  /** Puts it in the place of the database, which nothing may be using; the newer one is gone. */
  putBack(): Promise<void>
}

/** Copies the database of a node that is stopped. */
export async function backUp(adminUrl: string, { environment }: FederationNode): Promise<Backup> {
  const { pathname, username } = new URL(environment['DATABASE_URL'] ?? '')
  const name = pathname.slice(1)
  const copy = `${name}_backup`
  const [database, backup, app, owner] = [name, copy, username, `${name}_owner`].map((each) =>
    pg.escapeIdentifier(each),
  )
  await asAdmin(adminUrl, [`create database ${backup} template ${database} owner ${owner}`])
  return {
    putBack: async () =>
      await asAdmin(adminUrl, [
        `drop database ${database} with (force)`,
        `create database ${database} template ${backup} owner ${owner}`,
        // A copy has the schema and its grants, not who may connect.
        `revoke all on database ${database} from public`,
        `grant connect on database ${database} to ${app}`,
      ]),
    [Symbol.asyncDispose]: async () => await asAdmin(adminUrl, [`drop database if exists ${backup}`]),
  }
}

/** One after the other, each on its own: a database is not made or dropped in a transaction. */
async function asAdmin(adminUrl: string, statements: readonly string[]): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    for (const statement of statements) await admin.query(statement)
  } finally {
    await admin.end()
  }
}
