import { expect, test } from 'vitest'

import { isRetryable, isTimeout, violates } from './errors.ts'

test('knows a violation by the name of its constraint alone', () => {
  const error = Object.assign(new Error('duplicate key'), { code: '23505', constraint: 'provider_code_pkey' })
  expect(violates(error, 'provider_code_pkey')).toBe(true)
  expect(violates(error, 'provider_code_holder_key')).toBe(false)
})

test('does not take an error of another class for a violation', () => {
  expect(violates({ code: '42501', constraint: 'provider_code_pkey' }, 'provider_code_pkey')).toBe(false)
  expect(violates(undefined, 'provider_code_pkey')).toBe(false)
})

test.each(['40001', '40P01', '08006', '57P01', 'ECONNRESET'])('calls %s retryable', (code) => {
  expect(isRetryable(Object.assign(new Error('x'), { code }))).toBe(true)
})

test.each(['23505', '42501', '57014', 'ENOENT'])('does not call %s retryable', (code) => {
  expect(isRetryable(Object.assign(new Error('x'), { code }))).toBe(false)
})

test('calls a connection that pg lost retryable', () => {
  expect(isRetryable(new Error('Connection terminated unexpectedly'))).toBe(true)
  expect(isRetryable(new Error('something else'))).toBe(false)
  expect(isRetryable(null)).toBe(false)
})

test('knows a statement that was ended because it took too long', () => {
  expect(isTimeout(Object.assign(new Error('canceling statement'), { code: '57014' }))).toBe(true)
  expect(isTimeout(Object.assign(new Error('x'), { code: '40001' }))).toBe(false)
  expect(isTimeout(undefined)).toBe(false)
})
