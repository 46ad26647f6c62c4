import { defineConfig } from 'vitest/config'

import { plainSummary } from './tools/plain-summary.ts'

const conditions = ['@arc3088/source']
const shared = { ssr: { resolve: { conditions } }, resolve: { conditions } }

/**
 * Limits end what hangs; they say nothing about speed, which the benchmarks measure. A machine that is ten times slower
 * than ours fails no test, and what is polled for is polled for as long as `waitFor` of the testkit waits.
 */
const expectations = { poll: { timeout: 120_000 } }

/** One root run for the whole repository, so that one summary counts every test. */
export default defineConfig({
  ...shared,
  test: {
    reporters: ['default', plainSummary],
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{apps,packages}/*/src/**/*.test.ts', 'bench/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'tools/check/fixtures/**'],
          expect: expectations,
          testTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'service',
          include: ['{apps,packages}/*/tests/**/*.spec.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          maxWorkers: 2,
          expect: expectations,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['e2e/tests/**/*.spec.ts'],
          // Most of what they do is to wait for what is kept for a minute.
          maxWorkers: 2,
          expect: expectations,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
