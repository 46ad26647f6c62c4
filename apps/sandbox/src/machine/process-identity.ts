import { readFileSync } from 'node:fs'

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly name: string
  readonly pid: number
  /** Clock ticks since boot at which it started (proc(5), field 22 of `stat`). */
  readonly startedAt: string
}

/** Who has this pid now; undefined when nobody has, or it is a zombie, or this platform does not say. */
export function identify(name: string, pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid)
  // The second field is the program's name in brackets, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startedAt] = [fields[0], fields[19]]
  return startedAt === undefined || state === 'Z' ? undefined : { name, pid, startedAt }
}

/** Whether the very process still runs. */
export function isRunning(process: ProcessIdentity): boolean {
  return identify(process.name, process.pid)?.startedAt === process.startedAt
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    // No such process, or no /proc.
    return ''
  }
}
