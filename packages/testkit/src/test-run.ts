import { randomBytes } from 'node:crypto'

/** What one test run shares: its server, and a name no other run on that server has. */
export interface TestRun {
  readonly adminUrl: string
  readonly id: string
}

// Vitest's workers inherit the environment of the process that ran the global setup, and nothing else of it.
const ADMIN_URL = 'ARC3088_TEST_ADMIN_URL'
const RUN_ID = 'ARC3088_TEST_RUN'

export function announceTestRun(adminUrl: string): TestRun {
  const run = { adminUrl, id: randomBytes(4).toString('hex') }
  process.env[ADMIN_URL] = run.adminUrl
  process.env[RUN_ID] = run.id
  return run
}

/** Throws outside a vitest project that names this package's global setup. */
export function currentTestRun(): TestRun {
  const { [ADMIN_URL]: adminUrl, [RUN_ID]: id } = process.env
  if (adminUrl === undefined || id === undefined) {
    throw new Error(
      'no test server: this vitest project lacks globalSetup packages/testkit/src/global-setup.ts',
    )
  }
  return { adminUrl, id }
}

/** Everything that a run leaves on its server begins with this. */
export function namePrefix(run: TestRun): string {
  return `test_${run.id}_`
}
