import { join } from 'node:path'

import { expect, test } from 'vitest'

import config from '../../.dependency-cruiser.mjs'
import { root } from '../subprocess.ts'
import { checkBoundaries, findViolations, fixtures } from './boundaries.ts'

const { violations } = await findViolations(join(fixtures, 'everything-wrong'))

test.each(config.forbidden.map(({ name }) => name))('the rule %s can fail', (rule) => {
  expect(violations.map((violation) => violation.rule)).toContain(rule)
})

test.each([
  ['apps/root/src/assign-code.ts', 'sql-in-stores'],
  ['apps/root/src/assign-code.ts', 'hono-in-routes'],
  ['apps/root/src/assign-installed.ts', 'sql-in-stores'],
  ['apps/root/src/assign-installed.ts', 'hono-in-routes'],
  ['apps/root/src/code.route.ts', 'route-imports-store'],
  ['apps/root/src/meets-provider.ts', 'app-imports-app'],
  ['apps/root/src/uses-testkit.ts', 'testkit-in-tests'],
  ['packages/codec/src/clock.ts', 'browser-safe'],
])('%s breaks %s', (from, rule) => {
  expect(violations).toContainEqual(expect.objectContaining({ from, rule }))
})

test.each([
  ['apps/root/src/code.store.ts', 'sql-in-stores'],
  ['apps/root/src/name-transaction.ts', 'sql-in-stores'],
  ['apps/root/src/code.route.ts', 'hono-in-routes'],
  ['apps/root/src/app.ts', 'hono-in-routes'],
  ['apps/root/src/some.test.ts', 'testkit-in-tests'],
  ['packages/codec/src/clock.node.ts', 'browser-safe'],
])('%s does not break %s', (from, rule) => {
  expect(violations).not.toContainEqual(expect.objectContaining({ from, rule }))
})

test('is red, and says why, where a rule is broken', async () => {
  const { code, output } = await checkBoundaries(join(fixtures, 'everything-wrong'))
  expect(code).toBe(1)
  expect(output).toContain('apps/root/src/code.route.ts → apps/root/src/code.store.ts: route-imports-store')
})

test('sees every module of the repository', async () => {
  const { unseen, seen } = await findViolations(root)
  expect(unseen).toEqual([])
  expect(seen).toBeGreaterThan(100)
}, 60_000)

test('is red where it saw nothing', async () => {
  const { code, output } = await checkBoundaries(join(fixtures, 'empty'))
  expect(code).toBe(1)
  expect(output).toContain('no module was seen')
})
