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

/** Runs that end when they are let. */
function gated() {
  const gates: PromiseWithResolvers<void>[] = []
  const batches: number[][] = []
  const run = async (items: readonly number[]): Promise<readonly number[]> => {
    batches.push([...items])
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    await gate.promise
    return items
  }
  return { run, batches, end: (nth: number) => gates[nth]?.resolve() }
}

test('begins a run beside another for enough items, and takes the rest when none runs', async () => {
  const { run, batches, end } = gated()
  const same = coalesce(run, { itemsMax: 10, runsMax: 2, besideItemsMin: 3, waitingMax: 100 })
  const first = same(1)
  await expect.poll(() => batches).toEqual([[1]])
  const enough = [same(2), same(3), same(4)]
  await expect.poll(() => batches).toEqual([[1], [2, 3, 4]])
  const last = same(5)
  end(0)
  end(1)
  expect(await first).toBe(1)
  expect(await Promise.all(enough)).toEqual([2, 3, 4])
  await expect.poll(() => batches).toEqual([[1], [2, 3, 4], [5]])
  end(2)
  expect(await last).toBe(5)
})

test('does not let few items wait behind a run that hangs', async () => {
  const { run, batches, end } = gated()
  const same = coalesce(run, { itemsMax: 10, runsMax: 2, besideItemsMin: 3, waitingMax: 100 })
  const hanging = same(1)
  await expect.poll(() => batches).toEqual([[1]])
  const few = same(2)
  await expect.poll(() => batches, { timeout: 20_000 }).toEqual([[1], [2]])
  const more = same(3)
  end(1)
  expect(await few).toBe(2)
  await expect.poll(() => batches, { timeout: 20_000 }).toEqual([[1], [2], [3]])
  end(2)
  expect(await more).toBe(3)
  end(0)
  expect(await hanging).toBe(1)
})

test('lets few items join each other while a run lasts', async () => {
  const { run, batches, end } = gated()
  const same = coalesce(run, { itemsMax: 10, runsMax: 2, besideItemsMin: 3, waitingMax: 100 })
  const first = same(1)
  await expect.poll(() => batches).toEqual([[1]])
  const two = [same(2), same(3)]
  end(0)
  await first
  await expect.poll(() => batches).toEqual([[1], [2, 3]])
  end(1)
  expect(await Promise.all(two)).toEqual([2, 3])
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
