import { connect, migrateAll } from '@arc3088/db'
import { systemAmbient } from '@arc3088/service'
import { STATUS } from '@arc3088/records'
import { createTestDatabase } from '@arc3088/testkit'
import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { ISSUER_MIGRATIONS, type IssuerTables } from '../src/index.ts'
import { change, changeOf, startLists, statusIn } from './status-fixture.ts'

const STAMP = '20261122T190200-status-changes'

/** The migrations that had run where there was a node before this one. */
const BEFORE = {
  owner: 'issuer',
  migrations: Object.fromEntries(
    Object.entries(ISSUER_MIGRATIONS.migrations).filter(([stamp]) => stamp < STAMP),
  ),
}

test('entries from before the history count from the first start, each as one change with the hash of its act', async () => {
  await using database = await createTestDatabase<IssuerTables>({
    template: 'issuer_before_status',
    migrate: (owner) => migrateAll(owner, [BEFORE]),
  })
  const owner = connect<IssuerTables>({
    url: database.ownerUrl,
    max: 2,
    applicationName: 'owner',
    onIdleError: () => undefined,
  })
  const changedAt = new Date('2026-11-01T00:00:00.123Z')
  const hash = new Uint8Array(32).fill(7)
  await sql`
    insert into status_list (number, level, leased, scramble_key, opened_at)
    values (0, 'instance', 131072, ${new Uint8Array(16)}, ${changedAt})`.execute(owner)
  await sql`
    insert into status_entry (list, index, status, changed_at)
    values (0, 5, ${STATUS.suspended}, ${changedAt}), (0, 6, ${STATUS.retired}, ${changedAt})`.execute(owner)
  await sql`
    insert into code_ledger (provider, requester, ontology, instance, assigned_at) values (1, 42, 1, 6, ${changedAt})`.execute(
    owner,
  )
  await sql`
    insert into assignment_record (provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index)
    values (1, 42, 1, 6, ${new Uint8Array(32)}, 'a.b.c', ${changedAt}, 0, 5)`.execute(owner)
  for (const [id, issued, filled] of [
    ['019ab000-0000-7000-8000-000000000001', new Date('2026-10-01T00:00:00Z'), 1],
    ['019ab000-0000-7000-8000-000000000002', changedAt, 7],
  ] as const) {
    await sql`
      insert into outbox (id, act, provider, requester, ontology, instance, hash, issued_at)
      values (${id}, 'status', 1, 42, 1, 6, ${new Uint8Array(32).fill(filled)}, ${issued})`.execute(owner)
  }
  await migrateAll(owner, [ISSUER_MIGRATIONS])
  await owner.destroy()

  const changes = await database.db
    .selectFrom('status_change')
    .select(['index', 'status', 'changed_at', 'hash'])
    .orderBy('index')
    .execute()
  expect(changes).toEqual([
    { index: 5, status: STATUS.suspended, changed_at: changedAt, hash: Buffer.from(hash) },
    { index: 6, status: STATUS.retired, changed_at: changedAt, hash: null },
  ])
  await using node = await startLists(database)
  expect([await statusIn(node.lists, 0, 5), await statusIn(node.lists, 0, 6)]).toEqual([
    STATUS.suspended,
    STATUS.retired,
  ])
  await change(database.db, [changeOf(0, 5, STATUS.valid)], systemAmbient())
  await node.lists.publishDirty()
  expect(await statusIn(node.lists, 0, 5)).toBe(STATUS.valid)
})
