import { expect, test } from 'vitest'

import { createLeasedPool } from './leased-pool.ts'

test('keeps what is given back while a lease is under way', async () => {
  const gate = Promise.withResolvers<number[]>()
  const leases = [Promise.resolve([0, 1, 2, 3]), gate.promise]
  const pool = createLeasedPool(() => leases.shift() ?? Promise.resolve([]))
  const first = await pool.take(4)
  const waiting = pool.take(2)
  await Promise.resolve()
  pool.giveBack(first)
  gate.resolve([4, 5])
  const taken = [...(await waiting), ...(await pool.take(4))]
  expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
})

test('gives what it has when the lease is used up, and nothing twice', async () => {
  const leases = [[1, 2, 3]]
  const pool = createLeasedPool(() => Promise.resolve(leases.shift() ?? []))
  expect(await Promise.all([pool.take(2), pool.take(2), pool.take(2)])).toEqual([[1, 2], [3], []])
})

test('hands a failed lease to its taker alone', async () => {
  const leases = [() => Promise.reject(new Error('away')), () => Promise.resolve([7])]
  const pool = createLeasedPool(() => leases.shift()?.() ?? Promise.resolve([]))
  await expect(pool.take(1)).rejects.toThrow('away')
  expect(await pool.take(1)).toEqual([7])
})
