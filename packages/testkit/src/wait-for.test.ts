import { expect, test } from 'vitest'

import { waitFor } from './wait-for.ts'

test('answers what the predicate answered once it is truthy', async () => {
  let asked = 0
  expect(await waitFor(() => ++asked > 2 && `after ${asked}`, { intervalMs: 1 })).toBe('after 3')
})

test('gives up in time and says for what, and why', async () => {
  const failing = () => {
    throw new Error('connection refused')
  }
  const waiting = waitFor(failing, { what: 'the port', timeoutMs: 20, intervalMs: 1 })
  await expect(waiting).rejects.toMatchObject({
    message: 'waited 20 ms for the port',
    cause: { message: 'connection refused' },
  })
})
