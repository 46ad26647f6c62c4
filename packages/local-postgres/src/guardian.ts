/**
 * A process of its own session between the owner and PostgreSQL, so that the server stops when the owner stops and
 * also when the owner is killed: the channel to the owner closes then, whatever ended it. Started by start.ts only.
 */
import { rmSync } from 'node:fs'

import { findBinaries } from './binaries.ts'
import { claimFolder, releaseFolder } from './claim.ts'
import { prepareCluster } from './cluster.ts'
import { stopLeftBehind } from './left-behind.ts'
import { LocalPostgresError } from './local-postgres-error.ts'
import { becomesTrue } from './processes.ts'
import type { FromGuardian, ServerPlan, ToGuardian } from './protocol.ts'
import { startServer, type Server } from './server.ts'
import { sweepAbandoned } from './sweep.ts'

/** `orderly`: the owner asked. `abandoned`: the owner is gone, but its clients may still be finishing their work. */
type StopReason = 'orderly' | 'abandoned'

/** When each signal of PostgreSQL's shutdown modes is sent: smart TERM, fast INT, immediate QUIT. */
const SHUTDOWN: Readonly<Record<StopReason, readonly (readonly [NodeJS.Signals, untilMs: number])[]>> = {
  orderly: [
    ['SIGINT', 10_000],
    ['SIGQUIT', 10_000],
  ],
  abandoned: [
    ['SIGTERM', 5_000],
    ['SIGINT', 10_000],
    ['SIGQUIT', 10_000],
  ],
}

let plan: ServerPlan | undefined
let server: Server | undefined
let starting: Promise<void> | undefined
let hurry = false
let stopping = false

process.on('message', (message: ToGuardian) => {
  if (message.kind === 'stop') void stop('orderly')
  else if (starting === undefined) starting = start(message.plan)
})
process.on('disconnect', () => void stop('abandoned'))
process.on('SIGTERM', () => {
  hurry = true
  void stop('orderly')
})
// A terminal's Ctrl-C does not reach this session; whoever sends these means the owner.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)

async function start(given: ServerPlan): Promise<void> {
  plan = given
  try {
    const binaries = findBinaries()
    await claimFolder(plan.folder, plan.ownerPid)
    const cluster = await prepareCluster(plan.folder, binaries, plan.durable)
    await stopLeftBehind(cluster)
    if (stopping) return
    server = await startServer(plan, cluster, binaries)
    server.child.once('exit', () => {
      if (!stopping) leave(1)
    })
    tell({ kind: 'ready', pid: server.pid, port: server.port, password: cluster.password })
    if (plan.ephemeral) sweepAbandoned()
  } catch (error) {
    const failure = error instanceof LocalPostgresError ? error.failure : 'start'
    tell({ kind: 'failed', failure, message: error instanceof Error ? error.message : String(error) })
    // Says the reason in guardian.log too, where it outlives the owner.
    console.error(error)
    leave(1)
  }
}

async function stop(reason: StopReason): Promise<void> {
  if (stopping) return
  stopping = true
  await starting
  if (server !== undefined) await shutDown(server, reason)
  leave(0)
}

async function shutDown({ child }: Server, reason: StopReason): Promise<void> {
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  for (const [name, untilMs] of SHUTDOWN[reason]) {
    if (isGone()) return
    child.kill(name)
    if (await becomesTrue(() => isGone() || (name === 'SIGTERM' && hurry), untilMs)) {
      if (isGone()) return
    }
  }
  if (!isGone()) child.kill('SIGKILL')
}

function tell(message: FromGuardian): void {
  // The owner may have gone meanwhile; then nobody wants to know.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

/** Takes the folder's claim with it. An ephemeral folder goes too, unless it is not ours. */
function leave(code: number): void {
  if (plan !== undefined) {
    releaseFolder(plan.folder)
    if (plan.ephemeral) rmSync(plan.folder, { recursive: true, force: true })
  }
  if (process.connected) process.disconnect()
  process.exitCode = code
  setImmediate(() => process.exit(code))
}
