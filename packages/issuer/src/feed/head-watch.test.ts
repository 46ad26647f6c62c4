import { expect, test } from 'vitest'

import { createHeadWatch } from './head-watch.ts'

const LONG = { milliseconds: 60_000 }

test('a wait ends when the log has grown, by its word or by the next look', async () => {
  let size = 5
  const watch = createHeadWatch(async () => size)
  expect(await watch.waitPast(4, LONG)).toBe(5)
  const told = watch.waitPast(5, LONG)
  size = 6
  watch.moved()
  expect(await told).toBe(6)
  const untold = watch.waitPast(6, LONG)
  size = 9
  expect(await untold).toBe(9)
})

test('a wait ends with its time, with its signal, and with the watch', async () => {
  const watch = createHeadWatch(async () => 5)
  expect(await watch.waitPast(5, { milliseconds: 20 })).toBe(5)
  const leaving = new AbortController()
  const left = watch.waitPast(5, { ...LONG, signal: leaving.signal })
  setTimeout(() => leaving.abort(), 20)
  expect(await left).toBe(5)
  const closed = watch.waitPast(5, LONG)
  setTimeout(() => watch.close(), 20)
  expect([await closed, await watch.waitPast(5, LONG)]).toEqual([5, 5])
})

test('so many wait and no more, and one that has left makes room', async () => {
  const watch = createHeadWatch(async () => 5, { waitersMax: 2 })
  const leaving = new AbortController()
  const waits = [watch.waitPast(5, { ...LONG, signal: leaving.signal }), watch.waitPast(5, LONG)]
  await new Promise((resolve) => setTimeout(resolve, 20))
  await expect(watch.waitPast(5, LONG)).rejects.toMatchObject({ code: 'service-unavailable' })
  leaving.abort()
  await waits[0]
  expect(await watch.waitPast(5, { milliseconds: 20 })).toBe(5)
  watch.close()
  await waits[1]
})
