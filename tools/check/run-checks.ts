import { runTool, root, type Outcome } from '../subprocess.ts'
import { checkBoundaries } from './boundaries.ts'
import { checkStandard } from './standard.ts'

interface Check {
  readonly name: string
  readonly run: () => Promise<Outcome>
}

export interface Tally {
  readonly passed: number
  readonly failed: number
}

/** Longest first: two run at a time. */
const CHECKS: readonly Check[] = [
  { name: 'types', run: async () => await runTool('tsc', ['-b', '--pretty', 'false']) },
  {
    name: 'lint',
    run: async () => await runTool('oxlint', ['--type-aware', '--deny-warnings', '--format=unix']),
  },
  { name: 'boundaries', run: async () => await checkBoundaries(root) },
  { name: 'unused', run: async () => await runTool('knip', ['--no-progress', '--no-config-hints']) },
  {
    name: 'generated',
    run: async () => await runTool('node', ['--conditions=@arc3088/source', 'tools/generate.ts', '--check']),
  },
  { name: 'standard', run: async () => await checkStandard(root) },
  { name: 'format', run: async () => await runTool('oxfmt', ['--check', '.']) },
]

const AT_ONCE = 2

/** Prints a line for each check, and what a failing one had to say. */
export async function runChecks(): Promise<Tally> {
  const waiting = [...CHECKS]
  let failed = 0
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (!(await runCheck(check))) failed++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { passed: CHECKS.length - failed, failed }
}

async function runCheck({ name, run }: Check): Promise<boolean> {
  const from = performance.now()
  const { code, output } = await run()
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  const ok = code === 0
  process.stdout.write(`${ok ? '✓' : '✗'} ${name} ${seconds} s\n`)
  if (!ok) process.stdout.write(`${output.trimEnd()}\n`)
  return ok
}
