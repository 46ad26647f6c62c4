import { connect, migrateAll } from '@arc3088/db'
import { ISSUER_MIGRATIONS, type IssuerTables } from '@arc3088/issuer'
import type { Kysely } from 'kysely'

import type { BenchDatabase, DurablePostgres } from './durable-postgres.ts'

/** A database with the tables of an issuing node, for rows that run a part of it in this process. */
export interface IssuerDatabase extends AsyncDisposable {
  readonly database: BenchDatabase
  /** A pool as `<node>_app`, which owns nothing, as a node has it. */
  open(connections: number): Kysely<IssuerTables>
}

/** Creates and migrates it. */
export async function createIssuerDatabase(postgres: DurablePostgres): Promise<IssuerDatabase> {
  const database = await postgres.createDatabase('issuer')
  const pools: Kysely<IssuerTables>[] = []
  const pool = (url: string, max: number): Kysely<IssuerTables> => {
    const made = connect<IssuerTables>({
      url,
      max,
      applicationName: 'arc3088-bench',
      onIdleError: () => undefined,
    })
    pools.push(made)
    return made
  }
  await migrateAll(pool(database.ownerUrl, 2), [ISSUER_MIGRATIONS])
  return {
    database,
    open: (connections) => pool(database.appUrl, connections),
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((one) => one.destroy()))
    },
  }
}
