import { fork, type ChildProcess } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { LocalPostgresError } from './local-postgres-error.ts'
import { becomesTrue, identify, signal } from './processes.ts'
import { SUPERUSER, type FromGuardian, type ServerPlan, type ToGuardian } from './protocol.ts'
import { EPHEMERAL_PREFIX } from './sweep.ts'

export interface LocalPostgresOptions {
  /** Where the server keeps everything, made if absent. Unset: a folder that goes when the server stops. */
  readonly dataDir?: string
  /** Unset: any free port. */
  readonly port?: number
  /** True keeps fsync on. Default: true with a `dataDir`, false without. */
  readonly durable?: boolean
  /** More settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface PostgresServer extends AsyncDisposable {
  /** A superuser's URL of the database `postgres`. */
  readonly adminUrl: string
  /** Resolves when the server has stopped. Safe to call twice. Does nothing to a server that we did not start. */
  stop(): Promise<void>
}

export interface LocalPostgres extends PostgresServer {
  readonly port: number
  /** The postmaster, and the guardian that stops it when this process goes. */
  readonly pid: number
  readonly guardianPid: number
}

/** What a fast shutdown may take before it is an immediate one. */
const UNGUARDED_MS = 10_000

/**
 * The server named by `POSTGRES_ADMIN_URL`, or the packaged one: the choice is the same for sandbox, tests and bench.
 */
export async function postgresFor(
  options: LocalPostgresOptions & { readonly adminUrl?: string | undefined } = {},
): Promise<PostgresServer> {
  const { adminUrl = process.env['POSTGRES_ADMIN_URL'], ...local } = options
  if (adminUrl === undefined || adminUrl === '') return await startLocalPostgres(local)
  const stop = async () => undefined
  return { adminUrl, stop, [Symbol.asyncDispose]: stop }
}

/**
 * Starts PostgreSQL 18 as packaged, on 127.0.0.1. It stops when `stop` is called or this process ends, however it ends.
 * A server left behind on the same folder is stopped first. Throws LocalPostgresError.
 */
export async function startLocalPostgres(options: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  const plan = planFor(options)
  const guardian = forkGuardian(plan)
  const answer = await new Promise<FromGuardian>((done, fail) => {
    guardian.once('message', (message: FromGuardian) => done(message))
    guardian.once('error', fail)
    guardian.once('exit', (code) => fail(new LocalPostgresError('start', `the guardian exited with ${code}`)))
    guardian.send({ kind: 'start', plan } satisfies ToGuardian)
  })
  if (answer.kind === 'failed') throw new LocalPostgresError(answer.failure, answer.message)
  const { pid, port, password } = answer
  // Must not keep the owner alive: it may simply end.
  guardian.unref()
  guardian.channel?.unref()
  let stopped: Promise<void> | undefined
  // The other half of the bargain: if the guardian is killed, nobody but us would stop the server.
  guardian.once('exit', () => {
    stopped ??= stopUnguarded(pid, plan)
  })
  const stop = async () => await (stopped ??= stopGuardian(guardian))
  return {
    adminUrl: `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    guardianPid: guardian.pid ?? 0,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function planFor(options: LocalPostgresOptions): ServerPlan {
  const ephemeral = options.dataDir === undefined
  const folder = ephemeral ? mkdtempSync(join(tmpdir(), EPHEMERAL_PREFIX)) : resolve(options.dataDir)
  mkdirSync(folder, { recursive: true })
  // The unprivileged user of a server started by root has to pass through.
  if (ephemeral) chmodSync(folder, 0o711)
  return {
    folder,
    ephemeral,
    port: options.port,
    durable: options.durable ?? !ephemeral,
    settings: options.settings ?? {},
    ownerPid: process.pid,
  }
}

function forkGuardian(plan: ServerPlan): ChildProcess {
  // guardian.ts from source, guardian.js from dist.
  const program = fileURLToPath(new URL(`./guardian${extname(import.meta.url)}`, import.meta.url))
  const log = openSync(join(plan.folder, 'guardian.log'), 'a')
  try {
    return fork(program, [], { detached: true, cwd: '/', execArgv: [], stdio: ['ignore', log, log, 'ipc'] })
  } finally {
    closeSync(log)
  }
}

async function stopGuardian(guardian: ChildProcess): Promise<void> {
  if (guardian.exitCode !== null || guardian.signalCode !== null) return
  guardian.ref()
  const exited = new Promise<void>((done) => guardian.once('exit', () => done()))
  if (guardian.connected) guardian.send({ kind: 'stop' } satisfies ToGuardian)
  await exited
}

async function stopUnguarded(pid: number, plan: ServerPlan): Promise<void> {
  const isGone = () => identify(pid) === undefined
  if (!isGone()) signal(pid, 'SIGINT')
  if (!(await becomesTrue(isGone, UNGUARDED_MS))) signal(pid, 'SIGQUIT')
  if (plan.ephemeral) rmSync(plan.folder, { recursive: true, force: true })
}
