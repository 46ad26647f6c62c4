import { randomBytes } from 'node:crypto'

import pg from 'pg'

/** Makes a node's database with its two roles, as docs/operations has it; answers how each logs in. */
export async function makeDatabase(
  adminUrl: string,
  name: string,
): Promise<{ ownerUrl: string; appUrl: string }> {
  const [database, owner, app] = [name, `${name}_owner`, `${name}_app`].map((each) =>
    pg.escapeIdentifier(each),
  )
  const password = randomBytes(16).toString('hex')
  await execute(adminUrl, [
    `create role ${owner} with login password '${password}'`,
    `create role ${app} with login password '${password}'`,
    `create database ${database} owner ${owner} template template0 encoding 'UTF8'
       locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C'`,
    `revoke all on database ${database} from public`,
    `grant connect on database ${database} to ${app}`,
  ])
  const urlOf = (role: string) => {
    const url = new URL(adminUrl)
    return Object.assign(url, { pathname: `/${name}`, username: role, password }).href
  }
  const ownerUrl = urlOf(`${name}_owner`)
  await execute(ownerUrl, [`grant usage on schema public to ${app}`])
  return { ownerUrl, appUrl: urlOf(`${name}_app`) }
}

/** One after the other, each on its own: a database is not made or dropped in a transaction. */
export async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** One statement as the holder of a login; answers its rows. */
export async function query(
  url: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement, [...values])).rows
  } finally {
    await client.end()
  }
}
