import { connect } from '@arc3088/db'
import type { TestDatabase } from '@arc3088/testkit'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { IssuerTables } from '../src/index.ts'
import { createIssuerDatabase, startProcess, submit } from './test-issuer.ts'

let database: TestDatabase<IssuerTables>
let owner: Kysely<IssuerTables>
beforeAll(async () => {
  database = await createIssuerDatabase()
  await using node = await startProcess(database)
  await node.assign(submit('k1', { wish: 7 }))
  owner = connect<IssuerTables>({
    url: database.ownerUrl,
    max: 2,
    applicationName: 'owner',
    onIdleError: () => undefined,
  })
})
afterAll(async () => {
  await owner.destroy()
  await database.drop()
})

const INSUFFICIENT_PRIVILEGE = '42501'
const RESTRICT_VIOLATION = '23001'

const EDITS = ['code_ledger', 'assignment_record', 'audit_entry'].flatMap((table) => [
  [`update ${table} set ${table === 'audit_entry' ? 'act' : 'provider'} = default`],
  [`delete from ${table}`],
  [`truncate ${table} cascade`],
])

describe('what was assigned stays assigned', () => {
  test.each(EDITS)('the role of the service may not: %s', async (statement) => {
    await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({
      code: INSUFFICIENT_PRIVILEGE,
    })
  })

  test.each([
    ['delete from code_ledger'],
    ['delete from assignment_record'],
    ['update assignment_record set jws = jws'],
    ['truncate code_ledger, assignment_record'],
    ...Array.from({ length: 16 }, (_, nth) => [`truncate assignment_record_${nth}`]),
  ])('a trigger refuses even the owner of the tables: %s', async (statement) => {
    await expect(sql.raw(statement).execute(owner)).rejects.toMatchObject({ code: RESTRICT_VIOLATION })
  })

  test('the database refuses a second row for a code, whoever inserts it', async () => {
    const again = sql.raw('insert into code_ledger values (1, 7, 0, 0, now())').execute(database.db)
    await expect(again).rejects.toThrow(/code_ledger_\d+_pkey/)
  })

  test.each([
    ['a provider of six symbols', '(60466176, 0, 0, 0, now())', 'code_ledger_provider_range'],
    ['provider 0', '(0, 1, 0, 0, now())', 'code_ledger_provider_range'],
    ['an ontology without a requester', '(1, 0, 5, 0, now())', 'code_ledger_levels'],
    ['an instance without an ontology', '(1, 5, 0, 9, now())', 'code_ledger_levels'],
    ['a requester past ZZZZZZ', '(1, 2176782336, 0, 0, now())', 'code_ledger_requester_range'],
    ['an instance past ZZZZZZZZZ', '(1, 5, 9, 101559956668416, now())', 'code_ledger_instance_range'],
  ])('repeats the ranges of the standard: refuses %s', async (_, values, constraint) => {
    const insert = sql.raw(`insert into code_ledger values ${values}`).execute(database.db)
    await expect(insert).rejects.toMatchObject({ constraint })
  })
})
