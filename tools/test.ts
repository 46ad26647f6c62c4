/** Build, checks, then every test in one run. The last line counts all three; the exit code agrees with it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { rememberBuilt, sourceKey } from './boot/build.mjs'
import { runChecks } from './check/run-checks.ts'
import { COUNTS_FILE, summaryLine, type Counts } from './plain-summary.ts'
import { runTool, stopToolsWithUs } from './subprocess.ts'

stopToolsWithUs()

const parts = [await build(), await runChecks(), await runTests(process.argv.slice(2))]
const total = {
  passed: sum(parts.map(({ passed }) => passed)),
  failed: sum(parts.map(({ failed }) => failed)),
  skipped: sum(parts.map(({ skipped = 0 }: Partial<Counts>) => skipped)),
}
process.stdout.write(summaryLine(total))
// Set already when a signal ended us.
process.exitCode = process.exitCode || (total.failed > 0 ? 1 : 0)

async function build(): Promise<Counts> {
  const from = performance.now()
  const key = sourceKey()
  const { code, output } = await runTool('turbo', ['run', 'build', '--output-logs=errors-only'])
  if (code === 0) rememberBuilt('everything', key)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? '✓' : '✗'} build ${seconds} s\n${code === 0 ? '' : output}`)
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
}

async function runTests(args: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-test-'))
  const file = join(folder, 'counts.json')
  try {
    const { code } = await runTool('vitest', ['run', ...args], { show: true, env: { [COUNTS_FILE]: file } })
    // It ended before it could count: no test ran, and that is a failure.
    if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
    const counts = JSON.parse(readFileSync(file, 'utf8')) as Counts
    // Vitest is red for something it does not count, such as a global setup that threw or no test found.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((soFar, number) => soFar + number, 0)
}
