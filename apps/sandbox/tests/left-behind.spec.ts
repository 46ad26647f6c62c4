import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { openRoster, SANDBOX, settleEarlier } from '../src/machine/left-behind.ts'
import { identify, isRunning, type ProcessIdentity } from '../src/machine/process-identity.ts'
import { SandboxError } from '../src/sandbox-error.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arc3088-left-'))
  file = join(folder, 'processes.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function startSleeper(name: string): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('spawn', resolve))
  const identity = identify(name, child.pid ?? 0)
  if (identity === undefined) throw new Error('the sleeper cannot be identified')
  return identity
}

test('leaves a running sandbox alone, and stops it when asked to begin again', async () => {
  const sandbox = await startSleeper(SANDBOX)
  openRoster(file).add(SANDBOX, sandbox.pid)
  await expect(settleEarlier(file, false)).rejects.toThrow(SandboxError)
  expect(isRunning(sandbox)).toBe(true)
  await settleEarlier(file, true)
  expect(isRunning(sandbox)).toBe(false)
})

test('never signals whoever has got the pid since', async () => {
  const stranger = await startSleeper('root')
  writeFileSync(file, JSON.stringify([{ ...stranger, startedAt: '1' }]))
  await settleEarlier(file, true)
  expect(isRunning(stranger)).toBe(true)
  process.kill(stranger.pid, 'SIGKILL')
})

test('has nothing to settle where nothing was', async () => {
  await expect(settleEarlier(file, true)).resolves.toBeUndefined()
})
