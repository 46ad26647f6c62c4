import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { LocalPostgresError } from './local-postgres-error.ts'
import { becomesTrue, identify, isAlive, signal, type ProcessIdentity } from './processes.ts'

interface Claim {
  readonly guardian: ProcessIdentity
  readonly owner: ProcessIdentity
}

/** A guardian whose owner is gone stops its server within 15 s (guardian.ts), then goes. */
const GUARDIAN_LEAVES_MS = 25_000

/**
 * Makes this process the folder's only guardian. Waits for one that is on its way out, sweeps one that was killed;
 * throws `in-use` while another's owner is alive.
 */
export async function claimFolder(folder: string, ownerPid: number): Promise<void> {
  const guardian = identify(process.pid)
  const owner = identify(ownerPid)
  if (guardian === undefined || owner === undefined)
    throw new LocalPostgresError('start', 'the owner is gone')
  const file = claimFile(folder)
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify({ guardian, owner } satisfies Claim))
  try {
    while (!linked(draft, file)) {
      await clearWay(folder, file)
      // Two that sweep the same remains: the later one wins, and the earlier must notice.
      if (linked(draft, file)) await sleep(50)
      if (readClaim(folder)?.guardian.pid === process.pid) return
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

export function releaseFolder(folder: string): void {
  if (readClaim(folder)?.guardian.pid === process.pid) rmSync(claimFile(folder), { force: true })
}

/** True while a living guardian holds the folder. */
export function isClaimed(folder: string): boolean {
  const claim = readClaim(folder)
  return claim !== undefined && isAlive(claim.guardian)
}

async function clearWay(folder: string, file: string): Promise<void> {
  const claim = readClaim(folder)
  if (claim !== undefined && isAlive(claim.guardian)) {
    if (isAlive(claim.owner)) {
      throw new LocalPostgresError(
        'in-use',
        `PostgreSQL in ${folder} belongs to process ${claim.owner.pid}, which is running: stop that first`,
      )
    }
    // It stops anyway; somebody waits now, so rather quickly.
    signal(claim.guardian.pid, 'SIGTERM')
    const left = await becomesTrue(() => !isAlive(claim.guardian), GUARDIAN_LEAVES_MS)
    if (!left) signal(claim.guardian.pid, 'SIGKILL')
  }
  rmSync(file, { force: true })
}

function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Undefined when there is none, or none that can be read: a draft is linked only when it is complete. */
function readClaim(folder: string): Claim | undefined {
  try {
    // Only ever written by claimFolder, whole.
    return JSON.parse(readFileSync(claimFile(folder), 'utf8')) as Claim
  } catch {
    return undefined
  }
}

function claimFile(folder: string): string {
  return join(folder, 'guardian.json')
}
