import { describe, expect, test } from 'vitest'

import { readIdempotencyKey } from './idempotency-key.ts'

describe('an Idempotency-Key', () => {
  test('is known by its hash, and what was asked under it by another', () => {
    const one = readIdempotencyKey('a', { code: 'B' })
    expect(readIdempotencyKey('a', { code: 'B' })).toEqual(one)
    expect(readIdempotencyKey('b', { code: 'B' }).keyHash).not.toEqual(one.keyHash)
    expect(readIdempotencyKey('b', { code: 'B' }).bodyHash).toEqual(one.bodyHash)
    expect(readIdempotencyKey('a', { code: 'C' }).bodyHash).not.toEqual(one.bodyHash)
    expect([one.keyHash.length, one.bodyHash.length]).toEqual([32, 32])
  })

  test('may stand over a request without a body', () => {
    expect(readIdempotencyKey('a', undefined).bodyHash).toEqual(readIdempotencyKey('a', null).bodyHash)
  })

  test.each(['a', '~'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])('may be %s', (header) => {
    expect(readIdempotencyKey(header, {}).keyHash).toHaveLength(32)
  })

  test('must be there', () => {
    expect(() => readIdempotencyKey(undefined, {})).toThrow(
      expect.objectContaining({ code: 'idempotency-key-missing' }),
    )
  })

  test.each(['', ' ', 'a b', 'a, a', 'ä', 'a\n', 'a'.repeat(256)])('may not be %j', (header) => {
    expect(() => readIdempotencyKey(header, {})).toThrow(expect.objectContaining({ code: 'request-invalid' }))
  })
})
