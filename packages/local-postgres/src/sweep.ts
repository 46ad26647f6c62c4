import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isClaimed } from './claim.ts'
import { processesOfCluster } from './processes.ts'

/** Folders of servers that live as long as their owner: `<tmp>/arc3088-pg-XXXXXX`. */
export const EPHEMERAL_PREFIX = 'arc3088-pg-'

/** Old enough that its guardian, were there one, would long have claimed it. */
const ABANDONED_MS = 3_600_000

/** Removes folders whose guardian was killed before it could. Those of other users, and of live servers, stay. */
export function sweepAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(EPHEMERAL_PREFIX)) continue
    const folder = join(tmpdir(), name)
    if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true })
  }
}

function isAbandoned(folder: string): boolean {
  try {
    const stat = statSync(folder)
    if (stat.uid !== process.getuid?.() || Date.now() - stat.mtimeMs < ABANDONED_MS) return false
    return (
      !isClaimed(folder) &&
      processesOfCluster(readFileSync(join(folder, 'cluster-id'), 'utf8').trim()).length === 0
    )
  } catch {
    // Gone meanwhile, or never got as far as a cluster.
    return false
  }
}
