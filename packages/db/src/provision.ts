import pg from 'pg'

/** Who may log in to the database, and how. */
export interface RoleLogin {
  readonly role: string
  readonly password: string
}

export interface DatabaseSpec {
  readonly name: string
  /** Owns the database and runs the migrations: `<node>_owner`. */
  readonly owner: RoleLogin
  /** What the node connects as: `<node>_app`. Owns nothing. */
  readonly app: RoleLogin
  /** Copies this database, with what it holds (about 30 ms). Nobody may be connected to it. */
  readonly template?: string
}

export interface DatabaseAccess {
  readonly ownerUrl: string
  readonly appUrl: string
  /** False when the database was there already; its contents are then as they were. */
  readonly created: boolean
}

const OWNER_SUFFIX = '_owner'
const APP_SUFFIX = '_app'
/** Serialises those who create roles and databases on one server (session lock in the admin database). */
const PROVISION_LOCK = [3088, 2] as const

/**
 * Makes sure that the two roles (with these passwords) and the database exist. The app role gets CONNECT and
 * USAGE on schema public, nothing else: every further right is granted by a migration. Nobody else may connect.
 * Safe to call again, and from two processes at once.
 */
export async function provisionDatabase(adminUrl: string, spec: DatabaseSpec): Promise<DatabaseAccess> {
  const created = await withAdmin(adminUrl, async (admin) => {
    await admin.query('select pg_advisory_lock($1, $2)', [...PROVISION_LOCK])
    await ensureRole(admin, spec.owner)
    await ensureRole(admin, spec.app)
    return await ensureDatabase(admin, spec)
  })
  const ownerUrl = databaseUrl(adminUrl, spec.name, spec.owner)
  const appUrl = databaseUrl(adminUrl, spec.name, spec.app)
  // A copy brings its template's schema, and with it this grant.
  if (spec.template === undefined) {
    await withAdmin(ownerUrl, async (owner) => {
      await owner.query(`grant usage on schema public to ${pg.escapeIdentifier(spec.app.role)}`)
    })
  }
  return { ownerUrl, appUrl, created }
}

/** Drops the database, ending whoever is connected, then the roles. What is not there is no error. */
export async function dropDatabase(adminUrl: string, name: string, roles: readonly string[]): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    await admin.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
    for (const role of roles) await admin.query(`drop role if exists ${pg.escapeIdentifier(role)}`)
  })
}

/** The same server, another database and login. */
export function databaseUrl(adminUrl: string, database: string, login: RoleLogin): string {
  const url = new URL(adminUrl)
  url.pathname = `/${encodeURIComponent(database)}`
  url.username = encodeURIComponent(login.role)
  url.password = encodeURIComponent(login.password)
  return url.href
}

/**
 * The `_app` role that goes with an `_owner` role. A migration, which imports nothing of ours, says the same in SQL:
 * `regexp_replace(current_user, '_owner$', '_app')`.
 */
export function appRoleOf(ownerRole: string): string {
  if (!ownerRole.endsWith(OWNER_SUFFIX)) throw new Error(`role ${ownerRole} does not end in ${OWNER_SUFFIX}`)
  return ownerRole.slice(0, -OWNER_SUFFIX.length) + APP_SUFFIX
}

async function ensureRole(admin: pg.Client, { role, password }: RoleLogin): Promise<void> {
  const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role])
  const verb = rowCount === 0 ? 'create' : 'alter'
  await admin.query(
    `${verb} role ${pg.escapeIdentifier(role)} with login password ${pg.escapeLiteral(password)}`,
  )
}

async function ensureDatabase(admin: pg.Client, spec: DatabaseSpec): Promise<boolean> {
  const name = pg.escapeIdentifier(spec.name)
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [spec.name])
  if (rowCount === 0) await createDatabase(admin, spec)
  // Every time: a start that was cut short here must not leave the database open to everybody.
  await admin.query(`revoke all on database ${name} from public`)
  await admin.query(`grant connect on database ${name} to ${pg.escapeIdentifier(spec.app.role)}`)
  return rowCount === 0
}

async function createDatabase(admin: pg.Client, spec: DatabaseSpec): Promise<void> {
  const owner = pg.escapeIdentifier(spec.owner.role)
  const { rows } = await admin.query<{ rolsuper: boolean }>(
    'select rolsuper from pg_roles where rolname = current_user',
  )
  // Only a member of a role may give it a database, unless a superuser.
  if (rows[0]?.rolsuper !== true)
    await admin.query(`grant ${owner} to current_user with inherit true, set true`)
  // Byte order everywhere: an index must not depend on the machine's locale data.
  const source =
    spec.template === undefined
      ? "template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C'"
      : `template ${pg.escapeIdentifier(spec.template)} strategy wal_log`
  await admin.query(`create database ${pg.escapeIdentifier(spec.name)} owner ${owner} ${source}`)
}

async function withAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'arc3088-provision' })
  // The server may stop while we wait; the query in flight reports it, the event would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
