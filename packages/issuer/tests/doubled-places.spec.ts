import { sql } from 'kysely'
import type { TestDatabase } from '@arc3088/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { IssuerTables } from '../src/index.ts'
import { readDoubledPlaces, readOverdrawnLists } from '../src/status/doubled-place.store.ts'
import { createIssuerDatabase, startProcess, submit } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
beforeEach(async () => {
  database = await createIssuerDatabase()
})
afterEach(async () => {
  await database.drop()
})

test('no entry of a status list stands in two records that several processes assigned at once', async () => {
  await using one = await startProcess(database)
  await using two = await startProcess(database)
  const keys = Array.from({ length: 100 }, (_, nth) => nth)
  await Promise.all(
    keys.flatMap((nth) => [one.assign(submit(`one-${nth}`)), two.assign(submit(`two-${nth}`))]),
  )
  expect(await readDoubledPlaces(database.db, 10)).toEqual([])
  expect(await readOverdrawnLists(database.db)).toEqual([])
})

test('an entry that stands twice is found, whichever partitions its records are in', async () => {
  await using node = await startProcess(database)
  for (const key of ['a', 'b', 'c']) await node.assign(submit(key))
  const { list, index } = await database.db
    .selectFrom('assignment_record')
    .select(['status_list as list', 'status_index as index'])
    .executeTakeFirstOrThrow()
  await sql`
    insert into assignment_record
      (provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index)
    select provider, requester + 1000000, ontology, instance, hash, jws, issued_at, ${list}, ${index}
    from assignment_record limit 1`.execute(database.db)
  expect(await readDoubledPlaces(database.db, 10)).toEqual([{ list, index }])
})

test('an entry of a record that another document uses is found', async () => {
  await using node = await startProcess(database)
  await node.assign(submit('a'))
  const place = await database.db
    .selectFrom('assignment_record')
    .select(['status_list as list', 'status_index as index'])
    .executeTakeFirstOrThrow()
  expect(await readDoubledPlaces(database.db, 10, [place])).toEqual([place])
  expect(
    await readDoubledPlaces(database.db, 10, [{ ...place, index: (place.index + 1) % 131_072 }]),
  ).toEqual([])
})

test('a list with more records than were leased of it is found, and one that does not exist', async () => {
  await using node = await startProcess(database)
  await node.assign(submit('a'))
  await sql`
    insert into assignment_record
      (provider, requester, ontology, instance, hash, jws, issued_at, status_list, status_index)
    select provider, requester + nth, ontology, instance, hash, jws, issued_at, case nth when 1 then 99 else status_list end, nth
    from assignment_record, generate_series(1, 40000) as nth`.execute(database.db)
  expect(await readOverdrawnLists(database.db)).toEqual([0, 99])
})
