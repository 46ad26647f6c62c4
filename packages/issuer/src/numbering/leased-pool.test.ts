import { expect, test } from 'vitest'

import { createLeasedPool, type LeasedBlock, type Taken } from './leased-pool.ts'

const block = (first: number, count: number): LeasedBlock<number> => ({
  count,
  values: (from, some) => Array.from({ length: some }, (_, nth) => first + from + nth),
})

/** A pool over an endless run of numbers; `asked` has what each lease asked for. */
function endless(options: { least?: number; most?: number; now?: () => Date } = {}) {
  const asked: number[] = []
  let next = 0
  const pool = createLeasedPool<number>({
    lease: (count) => {
      asked.push(count)
      next += count
      return Promise.resolve(block(next - count, count))
    },
    sizes: { least: options.least ?? 4, most: options.most ?? 64 },
    now: options.now ?? (() => new Date(0)),
  })
  return { pool, asked }
}

const drain = (taken: Taken<number>): number[] => {
  const values: number[] = []
  for (let value = taken.next(); value !== undefined; value = taken.next()) values.push(value)
  return values
}

test('gives what it has when the lease is used up, and nothing twice', async () => {
  const leases = [block(1, 3)]
  const pool = createLeasedPool({
    lease: () => Promise.resolve(leases.shift()),
    sizes: { least: 4, most: 4 },
    now: () => new Date(0),
  })
  const taken = await Promise.all([pool.take(2), pool.take(2), pool.take(2)])
  expect(taken.map(drain)).toEqual([[1, 2], [3], []])
})

test('gives again what was given back, before anything else, and nothing that was drawn', async () => {
  const { pool } = endless()
  const first = await pool.take(3)
  expect(first.next()).toBe(0)
  first.giveBack()
  first.giveBack()
  expect(drain(await pool.take(4))).toEqual([1, 2, 3, 4])
})

test('keeps what is given back while a lease is under way', async () => {
  const gate = Promise.withResolvers<LeasedBlock<number>>()
  const leases = [Promise.resolve(block(0, 4)), gate.promise]
  const pool = createLeasedPool({
    lease: () => leases.shift() ?? Promise.resolve(undefined),
    sizes: { least: 4, most: 4 },
    now: () => new Date(0),
  })
  const first = await pool.take(4)
  const waiting = pool.take(2)
  await Promise.resolve()
  first.giveBack()
  gate.resolve(block(4, 2))
  const taken = [...drain(await waiting), ...drain(await pool.take(4))]
  expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
})

test('leases nothing for those who want nothing', async () => {
  const { pool, asked } = endless()
  drain(await pool.take(0))
  expect(asked).toEqual([])
})

test('hands a failed lease to its taker alone', async () => {
  const leases = [() => Promise.reject(new Error('away')), () => Promise.resolve(block(7, 1))]
  const pool = createLeasedPool<number>({
    lease: () => leases.shift()?.() ?? Promise.resolve(undefined),
    sizes: { least: 1, most: 1 },
    now: () => new Date(0),
  })
  await expect(pool.take(1)).rejects.toThrow('away')
  expect(drain(await pool.take(1))).toEqual([7])
})

test('leases ahead: once half of a block is gone the next is there before anybody needs it', async () => {
  const { pool, asked } = endless({ least: 8, most: 8 })
  drain(await pool.take(4))
  expect(asked).toHaveLength(1)
  drain(await pool.take(1))
  await Promise.resolve()
  expect(asked).toHaveLength(2)
})

test('leases more at once the faster they go, and less again after a quiet time, within bounds', async () => {
  let at = 0
  const { pool, asked } = endless({ least: 4, most: 32, now: () => new Date(at) })
  for (let round = 0; round < 100; round++) drain(await pool.take(4))
  expect(Math.max(...asked)).toBe(32)
  expect(asked[0]).toBe(4)
  for (let round = 0; round < 100; round++) {
    at += 400_000
    drain(await pool.take(2))
  }
  expect(asked.at(-1)).toBe(4)
})

test('forgets a closed range, also what is being leased of it and what is given back', async () => {
  const gate = Promise.withResolvers<LeasedBlock<number>>()
  const leases = [Promise.resolve(block(0, 4)), gate.promise, Promise.resolve(block(100, 4))]
  const pool = createLeasedPool({
    lease: () => leases.shift() ?? Promise.resolve(undefined),
    sizes: { least: 4, most: 4 },
    now: () => new Date(0),
  })
  const held = await pool.take(2)
  const waiting = pool.take(4)
  await Promise.resolve()
  pool.clear()
  held.giveBack()
  gate.resolve(block(4, 4))
  expect(drain(await waiting)).toEqual([100, 101, 102, 103])
})
