import { expect, test } from 'vitest'

import { rememberRequesterCodes } from './requester-codes.ts'

test('asks once for a number, and again and again while there is none', async () => {
  const asked: string[] = []
  const codes = new Map([['b', 34]])
  const codeOf = rememberRequesterCodes((id) => {
    asked.push(id)
    return Promise.resolve(codes.get(id))
  })
  expect([await codeOf('b'), await codeOf('b'), await codeOf('c')]).toEqual([34, 34, undefined])
  codes.set('c', 35)
  expect([await codeOf('c'), await codeOf('c')]).toEqual([35, 35])
  expect(asked).toEqual(['b', 'c', 'c'])
})
