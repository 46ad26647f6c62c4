import { setImmediate } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { oncePerTurn } from './once-per-turn.ts'

test('one answer for all who ask for the same in one turn, and another in the next', async () => {
  let asked = 0
  const ask = oncePerTurn(
    (question: string) => question,
    (question) => Promise.resolve(`${question}${(asked += 1)}`),
  )
  expect(await Promise.all([ask('a'), ask('b'), ask('a')])).toEqual(['a1', 'b2', 'a1'])
  await setImmediate()
  expect(await ask('a')).toBe('a3')
})

test('who asked in the turn of a failure hears of it, and nobody after', async () => {
  let fails = true
  const ask = oncePerTurn(
    (question: string) => question,
    () => (fails ? Promise.reject(new Error('away')) : Promise.resolve('there')),
  )
  const answers = await Promise.allSettled([ask('a'), ask('a')])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  await setImmediate()
  expect(await ask('a')).toBe('there')
})
