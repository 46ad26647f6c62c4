import { existsSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { bareEnvironment, shareCompileCache } from './compile-cache.ts'

beforeEach(() => {
  vi.stubEnv('NODE_COMPILE_CACHE', undefined)
  vi.stubEnv('PATH', '/bin')
  vi.stubEnv('SECRET', 'hunter2')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

test('is a folder of this run, which processes of tests are told of, and nothing else', () => {
  const end = shareCompileCache()
  const folder = process.env['NODE_COMPILE_CACHE'] ?? ''
  expect(existsSync(folder)).toBe(true)
  expect(bareEnvironment()).toEqual({ PATH: '/bin', NODE_COMPILE_CACHE: folder })
  end()
  expect(existsSync(folder)).toBe(false)
  expect(bareEnvironment()).toEqual({ PATH: '/bin' })
})

test('is left alone where whoever runs the tests has one', () => {
  vi.stubEnv('NODE_COMPILE_CACHE', '/var/cache/node')
  shareCompileCache()()
  expect(process.env['NODE_COMPILE_CACHE']).toBe('/var/cache/node')
})
