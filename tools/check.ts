import { runChecks } from './check/run-checks.ts'
import { stopToolsWithUs } from './subprocess.ts'

stopToolsWithUs()
const { passed, failed } = await runChecks()
process.stdout.write(`\n${passed} passed, ${failed} failed, 0 skipped\n`)
if (failed > 0) process.exitCode = 1
