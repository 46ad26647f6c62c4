import { randomBytes } from 'node:crypto'

import { connect, databaseUrl, dropDatabase, provisionDatabase, type RoleLogin } from '@arc3088/db'
import type { Kysely } from 'kysely'
import pg from 'pg'

import { currentTestRun, namePrefix, type TestRun } from './test-run.ts'

export interface TestDatabaseOptions<DB> {
  /** Names the schema, such as the app: migrated once a run, then copied. Lower-case letters, digits, `_`. */
  readonly template: string
  /** Runs once for the template, as `<node>_owner`; a node whose tables are not known here migrates by its URL. */
  readonly migrate: (owner: Kysely<DB>, ownerUrl: string) => Promise<unknown>
  /** Connections of `db`; default 5. */
  readonly max?: number
}

export interface TestDatabase<DB> extends AsyncDisposable {
  /** As `<node>_app`: what the code under test may have. */
  readonly db: Kysely<DB>
  readonly appUrl: string
  /** For what only an owner may do, such as looking behind the app's back. */
  readonly ownerUrl: string
  /** Drops the database; `db` is closed first. */
  drop(): Promise<void>
}

const TEMPLATE = /^[a-z][a-z0-9_]{0,24}$/
const TEMPLATE_LOCK = 3088_3

/** A database of its own, migrated: copied (about 30 ms) from the template, which the first caller of the run makes. */
export async function createTestDatabase<DB>(options: TestDatabaseOptions<DB>): Promise<TestDatabase<DB>> {
  if (!TEMPLATE.test(options.template)) throw new Error(`"${options.template}" cannot name a template`)
  const run = currentTestRun()
  const template = await ensureTemplate(run, options)
  const name = `${template}_${randomBytes(5).toString('hex')}`
  const logins = loginsOf(run, options.template)
  await withAdmin(run, async (admin) => {
    // strategy file_copy is two checkpoints and 300 files: 200 ms where files are slow to make, against 30.
    await admin.query(
      `create database ${name} owner ${logins.owner.role} template ${template} strategy wal_log`,
    )
    await admin.query(`revoke all on database ${name} from public`)
    await admin.query(`grant connect on database ${name} to ${logins.app.role}`)
  })
  const appUrl = databaseUrl(run.adminUrl, name, logins.app)
  const db = connect<DB>({
    url: appUrl,
    max: options.max ?? 5,
    applicationName: name,
    // Dropping the database ends the connections; a test that loses one otherwise sees its query fail.
    onIdleError: () => undefined,
  })
  let dropped: Promise<void> | undefined
  const drop = async () =>
    await (dropped ??= db.destroy().then(async () => await dropDatabase(run.adminUrl, name, [])))
  return {
    db,
    appUrl,
    ownerUrl: databaseUrl(run.adminUrl, name, logins.owner),
    drop,
    [Symbol.asyncDispose]: drop,
  }
}

/** Drops what is left of a run; matters only where the server outlives it. */
export async function dropEverythingOf(run: TestRun): Promise<void> {
  await withAdmin(run, async (admin) => {
    const like = `${namePrefix(run).replaceAll('_', String.raw`\_`)}%`
    const databases = await admin.query<{ name: string }>(
      'select datname as name from pg_database where datname like $1',
      [like],
    )
    for (const { name } of databases.rows) await admin.query(`drop database if exists ${name} with (force)`)
    const roles = await admin.query<{ name: string }>(
      'select rolname as name from pg_roles where rolname like $1',
      [like],
    )
    for (const { name } of roles.rows) await admin.query(`drop role if exists ${name}`)
  })
}

/** Under a lock, so that test files starting together make one; renamed when finished, so that half a template is none. */
async function ensureTemplate<DB>(run: TestRun, options: TestDatabaseOptions<DB>): Promise<string> {
  const name = namePrefix(run) + options.template
  const logins = loginsOf(run, options.template)
  await withAdmin(run, async (admin) => {
    await admin.query('select pg_advisory_lock($1, hashtext($2))', [TEMPLATE_LOCK, name])
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name])
    if (rowCount !== 0) return
    const draft = `${name}_draft`
    // A migration that failed in another test file left its draft.
    await admin.query(`drop database if exists ${draft} with (force)`)
    const { ownerUrl } = await provisionDatabase(run.adminUrl, { name: draft, ...logins })
    const owner = connect<DB>({
      url: ownerUrl,
      max: 2,
      applicationName: draft,
      onIdleError: () => undefined,
    })
    try {
      await options.migrate(owner, ownerUrl)
    } finally {
      await owner.destroy()
    }
    await admin.query(`alter database ${draft} rename to ${name}`)
  })
  return name
}

function loginsOf(run: TestRun, template: string): { owner: RoleLogin; app: RoleLogin } {
  const node = namePrefix(run) + template
  return {
    owner: { role: `${node}_owner`, password: run.id },
    app: { role: `${node}_app`, password: run.id },
  }
}

async function withAdmin<T>(run: TestRun, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: run.adminUrl, application_name: 'arc3088-testkit' })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}
