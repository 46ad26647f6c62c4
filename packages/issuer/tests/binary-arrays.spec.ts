import { bigintArray, byteaArray, connect, integerArray, textArray, timestampArray } from '@arc3088/db'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { IssuerTables } from '../src/index.ts'
import { createIssuerDatabase } from './test-issuer.ts'

let database: Awaited<ReturnType<typeof createIssuerDatabase>>
let db: Kysely<IssuerTables>
beforeAll(async () => {
  database = await createIssuerDatabase()
  db = connect<IssuerTables>({
    url: database.appUrl,
    max: 1,
    applicationName: 'binary-arrays',
    onIdleError: () => undefined,
  })
})
afterAll(async () => {
  await db.destroy()
  await database.drop()
})

/** What PostgreSQL makes of an array, element by element. */
async function elementsOf(array: RawBuilder<unknown>): Promise<unknown[]> {
  const { rows } = await sql<{ value: unknown }>`
    select value from unnest(${array}) with ordinality as element (value, nth) order by nth`.execute(db)
  return rows.map(({ value }) => value)
}

describe('an array in binary form is read by PostgreSQL as it was written', () => {
  test('bigint, at every boundary of its halves', async () => {
    const values = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, -(2 ** 32), 36 ** 9 - 1]
    const all = [...values, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    expect(await elementsOf(sql`${bigintArray(all)}::bigint[]`)).toEqual(all)
  })

  test('integer', async () => {
    const values = [0, 131_071, -1, 2 ** 31 - 1, -(2 ** 31)]
    expect(await elementsOf(sql`${integerArray(values)}::integer[]`)).toEqual(values)
  })

  test('timestamptz, before and after the epochs', async () => {
    const values = ['2026-11-23T01:02:03.456Z', '1999-12-31T23:59:59.999Z', '1969-07-20T20:17:40.001Z'].map(
      (text) => new Date(text),
    )
    expect(await elementsOf(sql`${timestampArray(values)}::timestamptz[]`)).toEqual(values)
  })

  test('bytea, also where it is empty', async () => {
    const values = [Buffer.from([0, 255, 92]), Buffer.alloc(0), Buffer.alloc(5000, 7)]
    expect(await elementsOf(sql`${byteaArray(values)}::bytea[]`)).toEqual(values)
  })

  test('text, with all that array syntax would have to escape', async () => {
    const values = ['', 'NULL', '{"a","b"}', '\\', '"', ',', '智能体 🤖', 'x'.repeat(5000), '\n']
    expect(await elementsOf(sql`${textArray(values)}::text[]`)).toEqual(values)
  })

  test('of nothing', async () => {
    expect(await elementsOf(sql`${bigintArray([])}::bigint[]`)).toEqual([])
    expect(await elementsOf(sql`${textArray([])}::text[]`)).toEqual([])
  })
})

test.each([2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is refused as a bigint', (value) => {
  expect(() => bigintArray([1, value])).toThrow(RangeError)
})

test('an array under a cast to another type is refused, and not misread', async () => {
  await expect(elementsOf(sql`${integerArray([1])}::bigint[]`)).rejects.toThrow(/element type|binary/)
})
