import { writeFileSync } from 'node:fs'

import type { Reporter, TestModule } from 'vitest/node'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Where tools/test.ts wants the counts, to add its own to them before it says the last word. */
export const COUNTS_FILE = 'ARC3088_TEST_COUNTS'

export function summaryLine({ passed, failed, skipped }: Counts): string {
  return `\n${passed} passed, ${failed} failed, ${skipped} skipped\n`
}

/** Prints the one line that a person, or a machine, reads last: `N passed, N failed, N skipped`. */
export const plainSummary: Reporter = {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors) {
    const counts = countTests(modules, errors.length)
    const file = process.env[COUNTS_FILE]
    if (file === undefined) process.stdout.write(summaryLine(counts))
    else writeFileSync(file, JSON.stringify(counts))
  },
}

function countTests(modules: ReadonlyArray<TestModule>, errors: number): Counts {
  let passed = 0
  let failed = errors
  let skipped = 0
  for (const module of modules) {
    const tests = [...module.children.allTests()]
    for (const test of tests) {
      const { state } = test.result()
      if (state === 'passed') passed++
      else if (state === 'failed') failed++
      else skipped++
    }
    // A module that fails outside its tests (while loading, or in a hook) must not look like a success.
    const failedOutside =
      module.state() === 'failed' && tests.every((test) => test.result().state !== 'failed')
    if (failedOutside) failed++
  }
  return { passed, failed, skipped }
}
