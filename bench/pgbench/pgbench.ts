import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { postgresEnvironment, withClient } from '../stand/durable-postgres.ts'

/** Rows of the table of point selects: enough that its index is three levels deep. */
export const SELECTED_ROWS = 1_000_000
const THREADS = 2
const DEBIAN = '/usr/lib/postgresql/*/bin/pgbench'

const SCRIPTS = {
  insert: 'insert into inserted (v) values (md5(random()::text));\n',
  select: `\\set id random(1, ${SELECTED_ROWS})\nselect v from selected where id = :id;\n`,
} as const

/** PostgreSQL's own load generator over a table of its own: what the server itself can do. */
export interface Pgbench {
  readonly version: string
  /** Single rows, each durable before the next of the client; transactions a second. */
  inserts(seconds: number): Promise<number>
  /** Reads by primary key; transactions a second. */
  selects(seconds: number): Promise<number>
}

/** What a row says where the limit could not be measured. */
export const NO_PGBENCH = 'pgbench is not here (it comes with a system PostgreSQL): the figures stand alone.'

/** Prepares tables for the scripts wanted; undefined where there is no pgbench. */
export async function openPgbench(parts: {
  readonly url: string
  readonly folder: string
  readonly scripts: readonly (keyof typeof SCRIPTS)[]
}): Promise<Pgbench | undefined> {
  const program = await findProgram()
  if (program === undefined) return undefined
  await withClient(parts.url, async (client) => {
    await client.query('create table inserted (id bigserial primary key, v text not null)')
    if (!parts.scripts.includes('select')) return
    await client.query('create table selected (id bigint primary key, v text not null)')
    await client.query(
      'insert into selected select id, md5(id::text) from generate_series(1, $1::bigint) as given (id)',
      [SELECTED_ROWS],
    )
    await client.query('vacuum analyze selected')
  })
  const run = async (script: keyof typeof SCRIPTS, clients: number, seconds: number): Promise<number> => {
    const file = join(parts.folder, `${script}.sql`)
    await writeFile(file, SCRIPTS[script])
    const options = ['-n', '-M', 'prepared', '-c', clients, '-j', THREADS, '-T', seconds, '-f', file].map(
      String,
    )
    const { stdout } = await promisify(execFile)(program.path, options, {
      env: postgresEnvironment(parts.url),
    })
    return readRate(stdout)
  }
  return {
    version: program.version,
    inserts: (seconds) => run('insert', 16, seconds),
    selects: (seconds) => run('select', 8, seconds),
  }
}

/** The rate in what pgbench prints. @throws Error where it has none, or says that transactions failed. */
export function readRate(printed: string): number {
  const [, failed = '0'] = /number of failed transactions: (\d+)/.exec(printed) ?? []
  const [, rate] = /^tps = ([\d.]+)/m.exec(printed) ?? []
  if (rate === undefined || failed !== '0') throw new Error(`pgbench: ${printed}`)
  return Number(rate)
}

async function findProgram(): Promise<{ path: string; version: string } | undefined> {
  const debian = globSync(DEBIAN).toSorted().at(-1)
  for (const path of ['pgbench', ...(debian === undefined ? [] : [debian])]) {
    if (path.startsWith('/') && !existsSync(path)) continue
    try {
      const { stdout } = await promisify(execFile)(path, ['--version'])
      return { path, version: /\d[\d.]*/.exec(stdout)?.[0] ?? stdout.trim() }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') continue
      throw error
    }
  }
  return undefined
}
