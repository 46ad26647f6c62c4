import { expect, test } from 'vitest'

import { describedRoutes } from './described-routes.ts'

const document = (path: string, operation: object) => ({ paths: { [path]: { get: operation } } })

test('fills in every parameter of every route', () => {
  expect(describedRoutes(document('/v1/{a}/x/{b}', { 'x-action': 'code:read' }), { a: '1', b: '2' })).toEqual(
    [{ method: 'GET', path: '/v1/{a}/x/{b}', address: '/v1/1/x/2', action: 'code:read' }],
  )
})

test.each([
  ['a parameter that nobody filled in', document('/v1/{c}', { 'x-action': 'public' })],
  ['a parameter called as what every object has', document('/v1/{constructor}', { 'x-action': 'public' })],
  ['a route without an action', document('/v1', {})],
  ['no document', 'text'],
])('throws for %s', (_, given) => {
  expect(() => describedRoutes(given, { a: '1' })).toThrow(TypeError)
})
