import { expect, test } from 'vitest'

import { PROBLEMS, RegistryError, toFederationError, toProblemDetails } from './index.ts'

test('tells a refusal with its public detail and extra members', () => {
  const error = new RegistryError('code-taken', '1.2.156.3088.1.7QX is assigned', {
    extra: { subject: '7QX' },
  })
  expect(toProblemDetails(error, '/v1/x')).toEqual({
    type: '/problems/code-taken',
    title: PROBLEMS['code-taken'].title,
    title_zh: PROBLEMS['code-taken'].title_zh,
    status: 409,
    code: 'code-taken',
    instance: '/v1/x',
    detail: '1.2.156.3088.1.7QX is assigned',
    subject: '7QX',
  })
})

test('says nothing about an error that is not a refusal', () => {
  const problem = toProblemDetails(new Error('password is hunter2'), '/v1/x')
  expect(problem.status).toBe(500)
  expect(JSON.stringify(problem)).not.toContain('hunter2')
})

test('withholds the detail of an internal refusal too', () => {
  const problem = toProblemDetails(new RegistryError('internal', 'select * from api_token'), '/v1/x')
  expect(problem.detail).toBeUndefined()
})

test('never lets an extra member replace a standard one', () => {
  const problem = toProblemDetails(
    new RegistryError('forbidden', 'no', { extra: { status: 200, code: 'fine' } }),
    '/',
  )
  expect(problem.status).toBe(403)
  expect(problem.code).toBe('forbidden')
})

test('keeps the cause out of the document and on the error', () => {
  const cause = new Error('tls handshake with 10.0.0.7')
  const error = new RegistryError('upstream-unreachable', 'the provider did not answer', { cause })
  expect(JSON.stringify(toProblemDetails(error, '/'))).not.toContain('10.0.0.7')
  expect(error.cause).toBe(cause)
})

test('answers federation endpoints in the words of OpenID Federation', () => {
  expect(toFederationError(new RegistryError('entity-unknown', 'never assigned'))).toEqual({
    status: 404,
    body: { error: 'not_found', error_description: 'never assigned' },
  })
  expect(toFederationError(new Error('secret')).body.error).toBe('server_error')
})

test('has a distinct title in both languages for every refusal, and an error status', () => {
  const rows = Object.values(PROBLEMS)
  expect(new Set(rows.map((row) => row.title)).size).toBe(rows.length)
  expect(new Set(rows.map((row) => row.title_zh)).size).toBe(rows.length)
  expect(rows.filter((row) => row.status < 400 || row.status > 599)).toEqual([])
  expect(rows.filter((row) => !/[一-鿿]/.test(row.title_zh))).toEqual([])
})
