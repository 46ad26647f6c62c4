import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import type { Binaries } from './binaries.ts'
import { dataFolderArgument, type Cluster } from './cluster.ts'
import { LocalPostgresError } from './local-postgres-error.ts'
import { becomesTrue } from './processes.ts'
import type { ServerPlan } from './protocol.ts'

export interface Server {
  readonly child: ChildProcess
  readonly pid: number
  readonly port: number
}

/** Long, since recovery after a crash happens in it. */
const READY_MS = 60_000
const LOG_BYTES_MAX = 20_000_000
const PORT_ATTEMPTS = 5

const DEFAULTS: Readonly<Record<string, string>> = {
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  // Plans here are short; compiling them costs more than it saves.
  jit: 'off',
}

const NOT_DURABLE: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Hashing a thousand throw-away passwords protects nobody.
  scram_iterations: '1',
}

/** Starts the server and waits until it takes connections. */
export async function startServer(plan: ServerPlan, cluster: Cluster, binaries: Binaries): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = plan.port ?? (await freePort())
    const server = await tryStart(plan, cluster, binaries, port)
    if (typeof server !== 'string') return server
    // Somebody else took the free port between our asking and PostgreSQL's.
    const taken = plan.port === undefined && server.includes('could not create any TCP/IP sockets')
    if (!taken || attempt >= PORT_ATTEMPTS) {
      throw new LocalPostgresError('start', `PostgreSQL did not start on port ${port}:\n${server}`)
    }
  }
}

/** The server, or its last words. */
async function tryStart(
  plan: ServerPlan,
  cluster: Cluster,
  binaries: Binaries,
  port: number,
): Promise<Server | string> {
  const settings = {
    ...DEFAULTS,
    ...(plan.durable ? {} : NOT_DURABLE),
    ...plan.settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    cluster_name: cluster.clusterId,
  }
  const logFile = join(plan.folder, 'postgres.log')
  const logFrom = sizeOf(logFile)
  const log = openSync(logFile, 'a')
  const child = spawn(
    binaries.postgres,
    [
      '-D',
      dataFolderArgument(cluster.dataFolder, binaries),
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { cwd: cluster.dataFolder, env: binaries.env, stdio: ['ignore', log, log], ...binaries.identity },
  )
  closeSync(log)
  let failure: string | undefined
  child.on('error', (error) => (failure = error.message))
  child.on('exit', (code, signalName) => (failure ??= `exit ${code ?? signalName}`))
  const decided = await becomesTrue(
    () => failure !== undefined || isReady(cluster.dataFolder, child.pid),
    READY_MS,
  )
  if (decided && failure === undefined && child.pid !== undefined) return { child, pid: child.pid, port }
  if (failure === undefined) child.kill('SIGQUIT')
  return `${failure ?? `not ready after ${READY_MS / 1000} s`}\n${readFileSync(logFile, 'utf8').slice(logFrom)}`
}

/** Line 8 of postmaster.pid (PostgreSQL's LOCK_FILE_LINE_PM_STATUS, what pg_ctl waits for). */
function isReady(dataFolder: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
  } catch {
    // Not written yet.
    return false
  }
}

function sizeOf(logFile: string): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size <= LOG_BYTES_MAX) return size
  truncateSync(logFile, 0)
  return 0
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port)
        else reject(new Error('no port'))
      })
    })
  })
}
