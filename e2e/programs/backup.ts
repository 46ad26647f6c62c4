import pg from 'pg'

import { execute } from './databases.ts'
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
  await execute(adminUrl, [`create database ${backup} template ${database} owner ${owner}`])
  return {
    putBack: async () =>
      await execute(adminUrl, [
        `drop database ${database} with (force)`,
        `create database ${database} template ${backup} owner ${owner}`,
        // A copy has the schema and its grants, not who may connect.
        `revoke all on database ${database} from public`,
        `grant connect on database ${database} to ${app}`,
      ]),
    [Symbol.asyncDispose]: async () => await execute(adminUrl, [`drop database if exists ${backup}`]),
  }
}
