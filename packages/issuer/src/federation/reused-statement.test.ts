import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { reuseStatement, type ReuseOptions } from './reused-statement.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A signer that counts, and fails or hangs when told to. */
function signer(options: ReuseOptions = {}) {
  const state = { signed: 0, fails: false, hangs: false }
  const faults: unknown[] = []
  const read = reuseStatement(
    () => new Date(Date.now()),
    60,
    async () => {
      state.signed += 1
      const mine = state.signed
      await Promise.resolve()
      if (state.hangs) await new Promise(() => undefined)
      if (state.fails) throw new Error('the token is locked')
      return `statement ${mine}`
    },
    { usableSeconds: 3600, onFault: (fault) => faults.push(fault), ...options },
  )
  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)
  return { state, faults, read, pass }
}

test('a hundred who ask at once get one signature, at first and after it has aged', async () => {
  const { state, read, pass } = signer()
  const hundred = async () => new Set(await Promise.all(Array.from({ length: 100 }, read)))
  expect(await hundred()).toEqual(new Set(['statement 1']))
  pass(61)
  expect(await hundred()).toEqual(new Set(['statement 2']))
  expect(state.signed).toBe(2)
})

test('is renewed in the background before anybody has to wait for it', async () => {
  const { read, pass } = signer()
  await read()
  pass(55)
  expect(await read()).toBe('statement 1')
  await vi.advanceTimersByTimeAsync(0)
  expect(await read()).toBe('statement 2')
})

test('is renewed the earlier, the more chance says', async () => {
  const [late, early] = [signer({ jitter: () => 0 }), signer({ jitter: () => 0.99 })]
  await Promise.all([late.read(), early.read()])
  vi.setSystemTime(Date.now() + 45_000)
  await Promise.all([late.read(), early.read()])
  expect([late.state.signed, early.state.signed]).toEqual([1, 2])
})

test('a signer that fails leaves the statement in use for as long as it is usable, and is not hammered', async () => {
  const { state, faults, read, pass } = signer()
  await read()
  state.fails = true
  pass(61)
  expect(new Set(await Promise.all(Array.from({ length: 50 }, read)))).toEqual(new Set(['statement 1']))
  expect([state.signed, faults]).toEqual([2, [expect.objectContaining({ message: 'the token is locked' })]])
  expect(await read()).toBe('statement 1')
  expect(state.signed).toBe(2)
  pass(2)
  state.fails = false
  expect(await read()).toBe('statement 3')
})

test('a signer that hangs holds nobody up for longer than two seconds, and is asked again', async () => {
  const { state, read, pass } = signer()
  await read()
  state.hangs = true
  pass(61)
  const waiting = read()
  await vi.advanceTimersByTimeAsync(2000)
  expect(await waiting).toBe('statement 1')
  expect(await read()).toBe('statement 1')
  expect(state.signed).toBe(2)
  pass(31)
  state.hangs = false
  expect(await read()).toBe('statement 3')
})

test('a failure is answered where there is no statement that still holds, and is not kept', async () => {
  const { state, read, pass } = signer({ usableSeconds: 120 })
  state.fails = true
  await expect(read()).rejects.toThrow('the token is locked')
  state.fails = false
  await read()
  pass(121)
  state.fails = true
  await expect(read()).rejects.toThrow('the token is locked')
  state.hangs = true
  const waiting = read().catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(15_000)
  expect(await waiting).toMatchObject({ code: 'service-unavailable' })
})
