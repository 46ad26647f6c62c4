import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { postgresEnvironment, withClient } from './stand/durable-postgres.ts'

/** The rows of one assignment. */
const TABLES = ['code_ledger', 'assignment_record', 'idempotency'] as const

/** COPY of rows that are there into tables of the same columns and keys, in one transaction: rows without their work. */
export interface CopyLimit {
  /** Codes a second, each with all its rows. */
  perSecond(): Promise<number>
}

export const NO_PSQL = 'psql is not here (it comes with a system PostgreSQL): COPY could not be measured.'

/** Writes the rows of instances to files, and makes empty tables; undefined where there is no psql. */
export async function openCopyLimit(ownerUrl: string, folder: string): Promise<CopyLimit | undefined> {
  const file = (table: string): string => join(folder, `${table}.copy`)
  const psql = async (...commands: string[]): Promise<void> => {
    const options = [
      '-q',
      '-X',
      '-v',
      'ON_ERROR_STOP=1',
      '-1',
      ...commands.flatMap((command) => ['-c', command]),
    ]
    await promisify(execFile)('psql', options, { env: postgresEnvironment(ownerUrl) })
  }
  try {
    await psql(
      ...TABLES.map(
        (table) =>
          `\\copy (select * from ${table} where instance > 0) to '${file(table)}' with (format binary)`,
      ),
    )
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const codes = await withClient(ownerUrl, async (client) => {
    await client.query('create schema copied')
    for (const table of TABLES)
      await client.query(`create table copied.${table} (like public.${table} including all)`)
    const { rows } = await client.query<{ count: string }>(
      'select count(*) from code_ledger where instance > 0',
    )
    return Number(rows[0]?.count)
  })
  return {
    async perSecond() {
      await psql(...TABLES.map((table) => `truncate copied.${table}`))
      const from = performance.now()
      await psql(
        ...TABLES.map((table) => `\\copy copied.${table} from '${file(table)}' with (format binary)`),
      )
      return codes / ((performance.now() - from) / 1000)
    },
  }
}
