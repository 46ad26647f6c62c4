import {
  connect,
  isRetryable,
  migrateAll,
  pendingMigrations,
  violates,
  type MigrationOwner,
} from '@arc3088/db'
import { sql, type Generated, type Kysely } from 'kysely'
import { expect, test } from 'vitest'

import { createTestDatabase, waitFor } from '../src/index.ts'

interface Tables {
  note: { id: Generated<number>; body: string; at: Generated<Date>; big: number | null }
  tag: { name: string; note: number }
}

const notes: MigrationOwner = {
  owner: 'notes',
  migrations: {
    '20261122T090000-note': {
      up: async (db: Kysely<unknown>) => {
        await sql`create table note (
          id bigint generated always as identity constraint note_pkey primary key,
          body text not null constraint note_body_key unique,
          at timestamptz not null default now(),
          big bigint)`.execute(db)
        await sql`do $$ begin
          execute format('grant select, insert on note to %I', regexp_replace(current_user, '_owner$', '_app'));
        end $$`.execute(db)
      },
    },
  },
}

const tags: MigrationOwner = {
  owner: 'tags',
  migrations: {
    '20261122T080000-tag': {
      up: async (db: Kysely<unknown>) => {
        await sql`create table tag (name text primary key, note bigint not null references note (id))`.execute(
          db,
        )
      },
    },
  },
}

const open = async () =>
  await createTestDatabase<Tables>({
    template: 'notes',
    migrate: async (owner) => await migrateAll(owner, [notes, tags]),
  })

test('gives each caller a migrated database of its own', async () => {
  await using one = await open()
  await using other = await open()
  await one.db.insertInto('note').values({ body: 'mine', big: null }).execute()
  expect(await one.db.selectFrom('note').select('body').execute()).toEqual([{ body: 'mine' }])
  expect(await other.db.selectFrom('note').select('body').execute()).toEqual([])
})

test('connects as the app role, which may do only what a migration granted', async () => {
  await using database = await open()
  const { db } = database
  const user = await sql<{ name: string }>`select current_user as name`.execute(db)
  expect(user.rows[0]?.name).toMatch(/_notes_app$/)
  await expect(db.deleteFrom('note').execute()).rejects.toMatchObject({ code: '42501' })
  await expect(sql`truncate note`.execute(db)).rejects.toMatchObject({ code: '42501' })
  await expect(db.selectFrom('tag').selectAll().execute()).rejects.toMatchObject({ code: '42501' })
  await expect(sql`create table mine (id int)`.execute(db)).rejects.toMatchObject({ code: '42501' })
})

test('reads bigint as a number, timestamptz as a Date, and refuses to round', async () => {
  await using database = await open()
  const { db } = database
  const row = await db
    .insertInto('note')
    .values({ body: 'a', big: Number.MAX_SAFE_INTEGER })
    .returningAll()
    .executeTakeFirstOrThrow()
  expect(row.big).toBe(Number.MAX_SAFE_INTEGER)
  expect(row.at).toBeInstanceOf(Date)
  await expect(sql`select 9007199254740993::bigint as n`.execute(db)).rejects.toThrow(RangeError)
  expect((await db.selectFrom('note').select('body').execute()).length).toBe(1)
})

test('names the violated constraint', async () => {
  await using database = await open()
  const insert = async () =>
    await database.db.insertInto('note').values({ body: 'twice', big: null }).execute()
  await insert()
  const error = await insert().catch((caught: unknown) => caught)
  expect(violates(error, 'note_body_key')).toBe(true)
  expect(violates(error, 'note_pkey')).toBe(false)
})

test('calls every error of a lost connection retryable, and serves again on a new one', async () => {
  await using database = await open()
  const { db } = database
  const errors: unknown[] = []
  const attempt = async (query: typeof terminate) => {
    try {
      return await query.execute(db)
    } catch (error) {
      errors.push(error)
      return undefined
    }
  }
  const terminate = sql<{ one: number }>`select pg_terminate_backend(pg_backend_pid())`
  await attempt(terminate)
  const answer = await waitFor(async () => await attempt(sql<{ one: number }>`select 1 as one`))
  expect(answer.rows).toEqual([{ one: 1 }])
  expect(errors.map(isRetryable)).toEqual(errors.map(() => true))
  expect(errors.length).toBeGreaterThan(0)
})

test('survives a connection that breaks between two statements of a transaction', async () => {
  await using database = await open()
  const { db } = database
  const outcome = db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db)
    const isGone = async () =>
      (await sql`select from pg_stat_activity where pid = ${rows[0]?.pid}`.execute(db)).rows.length === 0
    await waitFor(isGone, { what: 'the session to end' })
    await sql`select 1`.execute(tx)
  })
  expect(isRetryable(await outcome.catch((error: unknown) => error))).toBe(true)
})

test('tells the app role which migrations are still to run', async () => {
  await using database = await open()
  const later = {
    owner: 'tags',
    migrations: { ...tags.migrations, '20270101T000000-later': { up: async () => undefined } },
  }
  expect(await pendingMigrations(database.db, [notes, tags])).toEqual([])
  expect(await pendingMigrations(database.db, [notes, later])).toEqual(['tags/20270101T000000-later'])
})

test('migrates once when two processes migrate at once, and not again after that', async () => {
  await using database = await createTestDatabase<Tables>({
    template: 'empty',
    migrate: async () => undefined,
  })
  const owners = [0, 1].map(() =>
    connect({ url: database.ownerUrl, max: 2, applicationName: 'race', onIdleError: () => undefined }),
  )
  try {
    const ran = await Promise.all(owners.map(async (owner) => await migrateAll(owner, [notes, tags])))
    expect(ran.toSorted((a, b) => a.length - b.length)).toEqual([
      [],
      ['notes/20261122T090000-note', 'tags/20261122T080000-tag'],
    ])
  } finally {
    await Promise.all(owners.map(async (owner) => await owner.destroy()))
  }
})

test('leaves nothing of a migration that fails, and says which one', async () => {
  await using database = await createTestDatabase<Tables>({
    template: 'empty',
    migrate: async () => undefined,
  })
  const owner = connect({
    url: database.ownerUrl,
    max: 2,
    applicationName: 'broken',
    onIdleError: () => undefined,
  })
  const up = async (db: Kysely<unknown>) => {
    await sql`create table half (id int)`.execute(db)
    throw new Error('broken')
  }
  try {
    await expect(
      migrateAll(owner, [{ owner: 'x', migrations: { '20261122T090000-half': { up } } }]),
    ).rejects.toThrow('migration x/20261122T090000-half failed')
    const half = await sql<{ there: boolean }>`select to_regclass('half') is not null as there`.execute(owner)
    expect(half.rows).toEqual([{ there: false }])
  } finally {
    await owner.destroy()
  }
})

test('refuses a migration list out of order', async () => {
  await using database = await createTestDatabase<Tables>({
    template: 'empty',
    migrate: async () => undefined,
  })
  const up = async () => undefined
  const migrations = { '20261122T090000-b': { up }, '20261121T090000-a': { up } }
  await expect(pendingMigrations(database.db, [{ owner: 'x', migrations }])).rejects.toThrow('out of order')
})

test('lets nobody but owner and app connect', async () => {
  await using database = await open()
  await using stranger = await createTestDatabase<Tables>({
    template: 'empty',
    migrate: async () => undefined,
  })
  const url = new URL(stranger.appUrl)
  url.pathname = new URL(database.appUrl).pathname
  const db = connect<Tables>({
    url: url.href,
    max: 1,
    applicationName: 'stranger',
    onIdleError: () => undefined,
  })
  await expect(db.selectFrom('note').selectAll().execute()).rejects.toMatchObject({ code: '42501' })
  await db.destroy()
})
