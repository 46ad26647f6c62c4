import { defineConfig } from 'vitest/config'

import { plainSummary } from './tools/plain-summary.ts'

const conditions = ['@arc3088/source']
const shared = { ssr: { resolve: { conditions } }, resolve: { conditions } }

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
        },
      },
      {
        ...shared,
        test: {
          name: 'service',
          include: ['{apps,packages}/*/tests/**/*.spec.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['e2e/tests/**/*.spec.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
