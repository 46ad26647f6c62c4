import { describe, expect, test } from 'vitest'

import { createBell } from './bell.ts'
import { answered, failed, UNKNOWN_WITNESS } from './witness-standing.ts'

const never = new AbortController().signal
/** Whoever waited for it would never see the end of the test. */
const LONG_MS = 3_600_000

async function tookMs(work: Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work
  return performance.now() - startedAt
}

describe('a bell', () => {
  test('wakes who waits', async () => {
    const bell = createBell()
    const waiting = tookMs(bell.wait(LONG_MS, never))
    bell.ring()
    expect(await waiting).toBeLessThan(LONG_MS)
  })

  test('keeps a ring for the next to wait, and only for the next', async () => {
    const bell = createBell()
    bell.ring()
    bell.ring()
    expect(await tookMs(bell.wait(LONG_MS, never))).toBeLessThan(LONG_MS)
    expect(await tookMs(bell.wait(30, never))).toBeGreaterThanOrEqual(25)
  })

  test('lets go when the time is up, and when all is to end', async () => {
    const bell = createBell()
    expect(await tookMs(bell.wait(30, never))).toBeGreaterThanOrEqual(25)
    const ending = new AbortController()
    const waiting = tookMs(bell.wait(LONG_MS, ending.signal))
    ending.abort()
    expect(await waiting).toBeLessThan(LONG_MS)
    expect(await tookMs(bell.wait(LONG_MS, ending.signal))).toBeLessThan(LONG_MS)
  })
})

describe('what is remembered of a witness', () => {
  test('makes the pause after a failure longer each time, up to half a minute, and forgets it after an answer', () => {
    const now = new Date(1_000_000)
    let standing = UNKNOWN_WITNESS
    const pauses = Array.from({ length: 9 }, () => {
      standing = failed(standing, now)
      return standing.askAgainAt - now.getTime()
    })
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect(answered(standing, 7)).toEqual({ confirmed: 7, isAsked: false, failures: 0, askAgainAt: 0 })
  })
})
