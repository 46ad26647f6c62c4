import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** One process, for good: a pid is used again, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot (field 22 of /proc/pid/stat). */
  readonly startTicks: string
}

/** Undefined when there is no such process, or it is a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProc(pid, 'stat')
  // The second field, the name, may hold spaces and brackets.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const startTicks = fields[18]
  return startTicks === undefined || state === 'Z' || state === 'X' ? undefined : { pid, startTicks }
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startTicks === process.startTicks
}

/**
 * Every process of the cluster: `cluster_name` stands on the postmaster's command line and in its children's titles.
 * /proc/pid/cwd would do for the owner, but root in a container may not read it for another user's process.
 */
export function processesOfCluster(clusterId: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOfCluster(pid, clusterId))
}

export function isOfCluster(pid: number, clusterId: string): boolean {
  const words = readProc(pid, 'cmdline')
  return words.includes(`cluster_name=${clusterId}\0`) || words.startsWith(`postgres: ${clusterId}: `)
}

/** False when the predicate did not become true in time. */
export async function becomesTrue(predicate: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!predicate()) {
    if (performance.now() > deadline) return false
    await sleep(15)
  }
  return true
}

/** False when there was nobody to signal. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

function readProc(pid: number, file: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It has ended.
    return ''
  }
}
