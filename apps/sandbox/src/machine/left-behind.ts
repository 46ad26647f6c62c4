import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { SandboxError } from '../sandbox-error.ts'
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts'
import { SECRET_MODE, writeWhole } from './write-file.ts'

/** How the sandbox itself is called in its list of processes. */
export const SANDBOX = 'sandbox'

/** What a sandbox may take to stop, with requests in flight and PostgreSQL after them. */
const SANDBOX_SECONDS_MAX = 40
/** What nodes, and PostgreSQL after them, take to notice that their sandbox is gone, and to stop. */
const OTHERS_SECONDS_MAX = 30

/** Who runs, on the disk, so that a later start knows whom it waits for. */
export interface Roster {
  add(name: string, pid: number): void
}

/** An empty roster. Where the platform does not say who a process is, nobody is noted. */
export function openRoster(path: string): Roster {
  const noted: ProcessIdentity[] = []
  return {
    add(name, pid) {
      const identity = identify(name, pid)
      if (identity !== undefined) noted.push(identity)
      writeWhole(path, `${JSON.stringify(noted)}\n`, SECRET_MODE)
    },
  }
}

/**
 * Waits until nothing of an earlier sandbox runs. One that still runs in order is stopped when we begin again, and
 * otherwise left alone. Only the very processes that it noted are ever signalled. @throws SandboxError
 */
export async function settleEarlier(path: string, fresh: boolean): Promise<void> {
  const running = () => readNoted(path).filter(isRunning)
  const sandbox = running().find(({ name }) => name === SANDBOX)
  if (sandbox !== undefined) {
    if (!fresh) {
      throw new SandboxError(
        `a sandbox runs here already (pid ${sandbox.pid}); stop it, or begin again with npm start -- --fresh`,
      )
    }
    process.kill(sandbox.pid, 'SIGTERM')
    await isGone(() => [sandbox].filter(isRunning), SANDBOX_SECONDS_MAX)
  }
  if (!(await isGone(running, OTHERS_SECONDS_MAX))) {
    for (const { pid } of running()) process.kill(pid, 'SIGKILL')
    await isGone(running, OTHERS_SECONDS_MAX)
  }
  rmSync(path, { force: true })
}

async function isGone(running: () => readonly ProcessIdentity[], secondsMax: number): Promise<boolean> {
  const deadline = performance.now() + secondsMax * 1000
  while (running().length > 0) {
    if (performance.now() > deadline) return false
    await sleep(50)
  }
  return true
}

function readNoted(path: string): readonly ProcessIdentity[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity[]) : []
}
