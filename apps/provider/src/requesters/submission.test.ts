import { readIdempotencyKey } from '@arc3088/service'
import { expect, test } from 'vitest'

import { submissionOf } from './submission.ts'

const of = (key: string, body: object) =>
  Buffer.from(submissionOf(readIdempotencyKey(key, body))).toString('hex')

test('the same key and body are the same submission, and nothing else is', () => {
  expect(of('k', { name: 'a' })).toBe(of('k', { name: 'a' }))
  expect(new Set([of('k', { name: 'a' }), of('k', { name: 'b' }), of('l', { name: 'a' })]).size).toBe(3)
  expect(of('k', { name: 'a' })).toHaveLength(64)
})
