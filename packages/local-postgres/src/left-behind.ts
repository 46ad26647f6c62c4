import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type { Cluster } from './cluster.ts'
import { LocalPostgresError } from './local-postgres-error.ts'
import { becomesTrue, isOfCluster, processesOfCluster, signal } from './processes.ts'

/** How long a server left behind may take for an orderly stop, and then for none. */
const FAST_MS = 10_000
const IMMEDIATE_MS = 10_000

/**
 * Stops whatever still runs on this cluster after its guardian was killed, so that the next server can start.
 * Only processes that carry the cluster's own id are touched: the pid in postmaster.pid may be anybody's by now.
 */
export async function stopLeftBehind({ dataFolder, clusterId }: Cluster): Promise<void> {
  const lockFile = join(dataFolder, 'postmaster.pid')
  const pid = readPid(lockFile)
  if (pid !== undefined && isOfCluster(pid, clusterId)) {
    signal(pid, 'SIGINT')
    if (!(await becomesTrue(() => !isOfCluster(pid, clusterId), FAST_MS))) signal(pid, 'SIGQUIT')
  }
  // A server process outlives its postmaster for a moment, and must not share the files with a new one.
  const empty = await becomesTrue(() => processesOfCluster(clusterId).length === 0, IMMEDIATE_MS)
  if (!empty) {
    const pids = processesOfCluster(clusterId)
    throw new LocalPostgresError(
      'start',
      `PostgreSQL processes ${pids.join(', ')} in ${dataFolder} do not stop`,
    )
  }
  // Nobody is left: whoever has that pid now is not PostgreSQL, yet PostgreSQL would refuse to start because of it.
  rmSync(lockFile, { force: true })
}

function readPid(lockFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8').split('\n', 1)[0])
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    // No lock file: the last server stopped in order.
    return undefined
  }
}
