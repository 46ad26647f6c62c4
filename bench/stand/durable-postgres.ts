import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'

import { dropDatabase, provisionDatabase } from '@arc3088/db'
import { startLocalPostgres } from '@arc3088/local-postgres'
import pg from 'pg'

import { randomText } from './random-text.ts'

/** As an operator would set a server of this size; nothing here is less safe than the default. */
export const POSTGRES_SETTINGS = { shared_buffers: '1GB', max_wal_size: '8GB' } as const

/** Without these an answer may come before what it says is on the disk. */
const DEMANDED = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } as const

/** `f_type` of a file system on which fsync does nothing. */
const TMPFS = 0x01_02_19_94

/** A database of a benchmark's own. */
export interface BenchDatabase {
  readonly name: string
  readonly ownerUrl: string
  readonly appUrl: string
}

/** The packaged PostgreSQL with every guarantee on, for one benchmark; it and its data go when the benchmark ends. */
export interface DurablePostgres extends AsyncDisposable {
  readonly adminUrl: string
  readonly version: string
  createDatabase(node: string): Promise<BenchDatabase>
}

/** Starts the server. @throws Error where it would not keep what it has acknowledged. */
export async function startDurablePostgres(): Promise<DurablePostgres> {
  if ((await statfs(tmpdir())).type === TMPFS) throw new Error(`${tmpdir()} is memory: set TMPDIR to a disk`)
  const server = await startLocalPostgres({ durable: true, settings: POSTGRES_SETTINGS })
  const made: string[] = []
  try {
    const version = await demandDurable(server.adminUrl)
    return {
      adminUrl: server.adminUrl,
      version,
      async createDatabase(node) {
        const login = (role: string) => ({ role, password: randomText() })
        const owner = login(`${node}_owner`)
        const app = login(`${node}_app`)
        const { ownerUrl, appUrl } = await provisionDatabase(server.adminUrl, { name: node, owner, app })
        made.push(node)
        return { name: node, ownerUrl, appUrl }
      },
      async [Symbol.asyncDispose]() {
        for (const name of made) await dropDatabase(server.adminUrl, name, [])
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function demandDurable(adminUrl: string): Promise<string> {
  return await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      'select name, setting from pg_settings where name = any($1)',
      [[...Object.keys(DEMANDED), 'server_version']],
    )
    const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
    for (const [name, setting] of Object.entries(DEMANDED)) {
      if (settings.get(name) !== setting)
        throw new Error(`${name} is ${settings.get(name)}, and no figure counts`)
    }
    return settings.get('server_version') ?? ''
  })
}

/** A connection for one piece of work. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'arc3088-bench' })
  // A server that stops meanwhile fails the query in flight; the event alone would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** For PostgreSQL's own programs, by variables: a password on a command line is everybody's to read. */
export function postgresEnvironment(text: string): Record<string, string> {
  const url = new URL(text)
  return {
    PATH: process.env['PATH'] ?? '',
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
  }
}
