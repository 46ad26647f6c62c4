import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { portsOfWorker, waitFor } from '@arc3088/testkit'

import { exitCodeOf, isRunning, root } from './processes.ts'

/** `.arc3088/sandbox.json`, as docs and programs rely on it. */
export interface SandboxDescription {
  readonly root: SandboxRoot
  readonly providers: readonly SandboxProvider[]
  readonly overseas: {
    readonly root: SandboxRoot
    readonly providers: readonly SandboxProvider[]
    readonly anchor: string
    readonly example: string
  }
  readonly resolver: { readonly url: string; readonly pid: number }
  readonly anchor: string
  readonly example: string
}

interface SandboxRoot {
  readonly url: string
  readonly officers: readonly string[]
  /** The files of the officers' own keys, in the same order. */
  readonly officer_keys: readonly string[]
  readonly pid: number
}

interface SandboxProvider {
  readonly code: string
  readonly url: string
  readonly staff: readonly string[]
  readonly requesters: readonly { readonly code: string; readonly token: string }[]
  readonly pid: number
}

/** Where one sandbox keeps its state, and the ports that it takes. */
export interface SandboxPlace extends Disposable {
  readonly stateDir: string
  readonly portBase: number
  readonly ports: readonly number[]
  readonly environment: Readonly<Record<string, string>>
}

/** One sandbox, started as people start it. */
export interface RunningSandbox extends AsyncDisposable {
  readonly child: ChildProcess
  output(): string
  /** Resolves once it has said so much. */
  said(text: string): Promise<void>
  description(): SandboxDescription
  /** Ends it in order; answers the exit code. */
  stop(): Promise<number | NodeJS.Signals | null>
}

const PLACES = [80, 88, 89, 101, 102, 103]
const READY_MS = 300_000

/** A new folder, and a port base of which every port was free a moment ago. */
export async function takePlace(): Promise<SandboxPlace> {
  const stateDir = mkdtempSync(join(tmpdir(), 'arc3088-e2e-'))
  const portBase = await waitFor(findPortBase, { what: 'free ports' })
  return {
    stateDir,
    portBase,
    ports: PLACES.map((place) => portBase + place),
    environment: { ARC3088_STATE_DIR: stateDir, ARC3088_PORT_BASE: String(portBase) },
    [Symbol.dispose]: () => rmSync(stateDir, { recursive: true, force: true }),
  }
}

/** Starts the sandbox from dist; with `boot`, below tools/boot.mjs, as `npm start` has it. */
export function runSandbox(
  place: SandboxPlace,
  options: { boot?: boolean; args?: readonly string[]; environment?: Record<string, string> } = {},
): RunningSandbox {
  const boot = options.boot === true ? ['tools/boot.mjs', 'node'] : []
  const child = spawn(process.execPath, [...boot, 'apps/sandbox/dist/main.js', ...(options.args ?? [])], {
    cwd: root,
    env: { ...process.env, ...place.environment, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  const stop = async () => {
    if (!isOver()) child.kill('SIGTERM')
    return await exitCodeOf(child)
  }
  return {
    child,
    output: () => output,
    async said(text) {
      await waitFor(() => output.includes(text) || isOver(), { what: text, timeoutMs: READY_MS })
      if (!output.includes(text)) throw new Error(`the sandbox ended before it said "${text}":\n${output}`)
    },
    description: () => readDescription(place),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

/** Starts the sandbox and waits until it says that it is ready. */
export async function startSandbox(
  ...given: Parameters<typeof runSandbox>
): Promise<RunningSandbox & { readonly secondsToReady: number }> {
  const began = performance.now()
  const sandbox = runSandbox(...given)
  await sandbox.said('ready in')
  return { ...sandbox, secondsToReady: (performance.now() - began) / 1000 }
}

function readDescription({ stateDir }: SandboxPlace): SandboxDescription {
  return JSON.parse(readFileSync(join(stateDir, 'sandbox.json'), 'utf8')) as SandboxDescription
}

/** Every process that belongs to a sandbox: its nodes, PostgreSQL and PostgreSQL's guardian. */
export function pidsOf({ stateDir }: SandboxPlace): readonly number[] {
  const { root: rootNode, providers, resolver, overseas } = readDescription({ stateDir } as SandboxPlace)
  const postmaster = join(stateDir, 'postgres', 'data', 'postmaster.pid')
  const guardian = join(stateDir, 'postgres', 'guardian.json')
  return [
    ...[rootNode, overseas.root, resolver, ...providers, ...overseas.providers].map(({ pid }) => pid),
    ...(existsSync(postmaster) ? [Number(readFileSync(postmaster, 'utf8').split('\n')[0])] : []),
    ...(existsSync(guardian) ? [(JSON.parse(readFileSync(guardian, 'utf8')) as { pid: number }).pid] : []),
  ]
}

/** Waits until none of these runs and none of these ports answers; answers what is left when time is up. */
export async function whatIsLeft(
  pids: readonly number[],
  ports: readonly number[],
): Promise<{ pids: number[]; ports: number[] }> {
  const look = async () => ({
    pids: pids.filter(isRunning),
    ports: (await Promise.all(ports.map(async (port) => ((await isOpen(port)) ? [port] : [])))).flat(),
  })
  try {
    return await waitFor(
      async () => {
        const left = await look()
        return left.pids.length === 0 && left.ports.length === 0 && left
      },
      { what: 'all of it to be gone' },
    )
  } catch {
    return await look()
  }
}

async function isOpen(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function findPortBase(): Promise<number | undefined> {
  const { first, last } = portsOfWorker()
  const base = randomInt(first - Math.min(...PLACES), last - Math.max(...PLACES) + 1)
  const free = await Promise.all(PLACES.map(async (place) => await isFree(base + place)))
  return free.every(Boolean) ? base : undefined
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}
