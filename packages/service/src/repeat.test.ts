import { setTimeout as sleep } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { repeat } from './repeat.ts'

const noFault = (error: unknown): never => {
  throw error
}

test('does its turn at once and again, until it is stopped, and waits for the turn under way', async () => {
  let begun = 0
  let ended = 0
  const turn = async () => {
    begun++
    await sleep(5)
    ended++
  }
  const repetition = repeat(turn, { milliseconds: 1, onFault: noFault })
  expect(begun).toBe(1)
  await expect.poll(() => begun).toBeGreaterThan(2)
  await repetition.stop()
  expect(ended).toBe(begun)
  const after = begun
  await sleep(20)
  expect(begun).toBe(after)
})

test('tries again what failed, and tells of a fault once however often it comes', async () => {
  const faults = ['away', 'away', 'broken', undefined, 'away', undefined]
  const told: string[] = []
  let turns = 0
  const repetition = repeat(
    async () => {
      const fault = faults[turns++]
      if (fault !== undefined) throw new Error(fault)
    },
    { milliseconds: 1, onFault: (error) => told.push(String(error)) },
  )
  await expect.poll(() => turns).toBeGreaterThan(faults.length)
  await repetition.stop()
  expect(told).toEqual(['Error: away', 'Error: broken', 'Error: away'])
})

test('puts turns that fail further and further apart, and stops at once even then', async () => {
  const at: number[] = []
  const repetition = repeat(
    async () => {
      at.push(performance.now())
      throw new Error('away')
    },
    { milliseconds: 10, slowestMilliseconds: 60_000, onFault: () => undefined },
  )
  await expect.poll(() => at.length).toBe(4)
  await repetition.stop()
  const pauses = at.slice(1).map((time, nth) => time - (at[nth] ?? 0))
  // A timer is never early by more than a millisecond, and late as the machine is slow.
  expect(pauses.map((pause, nth) => pause >= 10 * 2 ** (nth + 1) - 1)).toEqual([true, true, true])
})
