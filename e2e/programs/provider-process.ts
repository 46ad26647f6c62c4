import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { waitFor } from '@arc3088/testkit'

import { exitCodeOf, root } from './processes.ts'

/** A provider that nobody watches, so that it can be killed and started again. */
export interface ProviderProcess extends AsyncDisposable {
  readonly child: ChildProcess
  kill(): Promise<void>
}

/** The environment a running process was started with (proc(5)). */
export function environmentOfProcess(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
}

/** Starts a provider from dist in this environment, and waits until it answers. */
export async function startProvider(environment: Readonly<Record<string, string>>): Promise<ProviderProcess> {
  // The channel is what a sandbox gives it; without one left over from another parent it would wait for none.
  const { NODE_CHANNEL_FD: _channel, ...own } = environment
  const child = spawn(process.execPath, ['apps/provider/dist/main.js', 'serve'], {
    cwd: root,
    env: own,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const isUp = async () => (await fetch(`http://127.0.0.1:${own['PORT'] ?? ''}/readyz`)).status === 200
  await waitFor(isUp, { what: 'the provider', timeoutMs: 30_000 })
  const kill = async () => {
    child.kill('SIGKILL')
    await exitCodeOf(child)
  }
  return { child, kill, [Symbol.asyncDispose]: kill }
}
