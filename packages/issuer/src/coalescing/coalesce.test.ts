import { setTimeout as delay } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { coalesce } from './coalesce.ts'

const BOUNDS = { itemsMax: 4, runsMax: 1, waitingMax: 100 }

/** A run that doubles numbers and remembers what came together. */
function doubling(options: { milliseconds?: number } = {}) {
  const batches: number[][] = []
  let atOnce = 0
  let mostAtOnce = 0
  const run = async (items: readonly number[]): Promise<number[]> => {
    batches.push([...items])
    atOnce++
    mostAtOnce = Math.max(mostAtOnce, atOnce)
    await delay(options.milliseconds ?? 1)
    atOnce--
    return items.map((item) => item * 2)
  }
  return { run, batches, mostAtOnce: () => mostAtOnce }
}

test('lets items that come together share a run, in their order, up to the most', async () => {
  const { run, batches } = doubling()
  const double = coalesce(run, BOUNDS)
  expect(await Promise.all([1, 2, 3, 4, 5, 6].map(double))).toEqual([2, 4, 6, 8, 10, 12])
  expect(batches).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ])
})

test('lets what arrives during a run join the next', async () => {
  const { run, batches } = doubling({ milliseconds: 20 })
  const double = coalesce(run, BOUNDS)
  const first = double(1)
  await delay(5)
  const rest = Promise.all([double(2), double(3)])
  expect([await first, await rest]).toEqual([2, [4, 6]])
  expect(batches).toEqual([[1], [2, 3]])
})

test('runs as many at once as it may, and no more', async () => {
  const { run, mostAtOnce } = doubling({ milliseconds: 5 })
  const double = coalesce(run, { itemsMax: 1, runsMax: 3, waitingMax: 100 })
  await Promise.all(Array.from({ length: 20 }, (_, n) => double(n)))
  expect(mostAtOnce()).toBe(3)
})

test('fails the items of a run that fails, and goes on with the next', async () => {
  let runs = 0
  const run = coalesce<number, number>(
    (items) => (++runs === 1 ? Promise.reject(new Error('broken')) : Promise.resolve(items)),
    { ...BOUNDS, itemsMax: 2 },
  )
  const settled = await Promise.allSettled([1, 2, 3].map((n) => run(n)))
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})

test('fails the items of a run that loses one of them, rather than mix them up', async () => {
  const run = coalesce<number, number>((items) => Promise.resolve(items.slice(1)), BOUNDS)
  await expect(Promise.all([run(1), run(2)])).rejects.toThrow('2 items came back with 1')
})

test('tells callers to come again where too many wait', async () => {
  const { run } = doubling({ milliseconds: 5 })
  const double = coalesce(run, { itemsMax: 1, runsMax: 1, waitingMax: 2 })
  const settled = await Promise.allSettled([1, 2, 3].map(double))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(settled[2]).toMatchObject({ reason: { code: 'service-unavailable' } })
})
