import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { databaseUrl, dropDatabase, provisionDatabase } from '@arc3088/db'
import pg from 'pg'
import { expect, test } from 'vitest'

import { currentTestRun, namePrefix } from '../src/test-run.ts'

const SCRIPT = join(import.meta.dirname, '../../../infra/postgres/node.sql')

/** Runs statements one by one, as psql does, and answers the rows of the last. */
async function run(url: string, statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement))
    return rows
  } finally {
    await client.end()
  }
}

/** The statements of the script before and after its `\connect`, with the variables of psql filled in. */
function statementsFor(node: string, passwords: { owner: string; app: string }): [string[], string[]] {
  const given: Record<string, string> = { node, owner: `${node}_owner`, app: `${node}_app` }
  const filled = readFileSync(SCRIPT, 'utf8')
    .replaceAll(/^--.*$/gm, '')
    .replaceAll(/^\\(getenv|set) .*$/gm, '')
    .replaceAll(/:"(\w+)"/g, (_, name: string) => pg.escapeIdentifier(given[name] ?? ''))
    .replace(":'owner_password'", pg.escapeLiteral(passwords.owner))
    .replace(":'app_password'", pg.escapeLiteral(passwords.app))
  expect(filled).not.toMatch(/:["']/)
  const [before = '', after = ''] = filled.split(/^\\connect .*$/m)
  return [before, after].map((part) =>
    part
      .split(';\n')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ''),
  ) as [string[], string[]]
}

/** What there is of a node: locale and owner of the database, who may connect, and what the roles may do. */
async function shapeOf(adminUrl: string, ownerUrl: string, node: string): Promise<unknown> {
  const anonymous = (rows: unknown) => JSON.stringify(rows).replaceAll(node, 'NODE')
  const database = await run(adminUrl, [
    `select datname, pg_get_userbyid(datdba) as owner, datlocprovider, datlocale, datcollate, datctype,
       pg_encoding_to_char(encoding) as encoding, array(select acl::text from unnest(datacl) acl order by 1) as acl
     from pg_database where datname = '${node}'`,
  ])
  const roles = await run(adminUrl, [
    `select rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin from pg_roles
     where rolname in ('${node}_owner', '${node}_app') order by rolname`,
  ])
  const schema = await run(ownerUrl, [
    `select array(select acl::text from unnest(nspacl) acl order by 1) as acl from pg_namespace where nspname = 'public'`,
  ])
  return [database, roles, schema].map(anonymous)
}

test('the script for operators makes the roles and the database that the program makes', async () => {
  const testRun = currentTestRun()
  const { adminUrl } = testRun
  const [byScript, byProgram] = ['s', 'p'].map(
    (kind) => `${namePrefix(testRun)}infra_${kind}_${randomBytes(3).toString('hex')}`,
  ) as [string, string]
  const login = (node: string, role: 'owner' | 'app') => ({
    role: `${node}_${role}`,
    password: `it's ${node} "${role}"`,
  })
  const rolesOf = (node: string) => [`${node}_owner`, `${node}_app`]
  try {
    const [owner, app] = [login(byScript, 'owner'), login(byScript, 'app')]
    const [first, then] = statementsFor(byScript, { owner: owner.password, app: app.password })
    await run(adminUrl, first)
    await run(databaseUrl(adminUrl, byScript, adminLogin(adminUrl)), then)
    const names = { owner: login(byProgram, 'owner'), app: login(byProgram, 'app') }
    const made = await provisionDatabase(adminUrl, { name: byProgram, ...names })
    const ownerUrl = databaseUrl(adminUrl, byScript, owner)
    expect(await shapeOf(adminUrl, ownerUrl, byScript)).toEqual(
      await shapeOf(adminUrl, made.ownerUrl, byProgram),
    )
    // Who migrates may make tables, who serves may not; both log in by the passwords that were given.
    await run(ownerUrl, ['create table made_by_owner (id integer)'])
    await expect(
      run(databaseUrl(adminUrl, byScript, app), ['create table made_by_app (id integer)']),
    ).rejects.toThrow('permission denied')
  } finally {
    await dropDatabase(adminUrl, byScript, rolesOf(byScript))
    await dropDatabase(adminUrl, byProgram, rolesOf(byProgram))
  }
})

function adminLogin(adminUrl: string): { role: string; password: string } {
  const { username, password } = new URL(adminUrl)
  return { role: decodeURIComponent(username), password: decodeURIComponent(password) }
}
