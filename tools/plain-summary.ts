import type { Reporter, TestModule } from 'vitest/node'

/** Prints the one line that a person, or a machine, reads last: `N passed, N failed, N skipped`. */
export const plainSummary: Reporter = {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors) {
    let passed = 0
    let failed = errors.length
    let skipped = 0
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const state = test.result().state
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
        else skipped++
      }
      // A module that fails to load has no tests, and must not look like a success.
      if (module.state() === 'failed' && tests.length === 0) failed++
    }
    process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  },
}
