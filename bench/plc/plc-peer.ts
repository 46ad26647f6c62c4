import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { LoadGenerator } from '../load/load-generator.ts'
import { withClient, type BenchDatabase } from '../stand/durable-postgres.ts'
import { freePort } from '../stand/free-port.ts'
import { waitUntilOk } from '../stand/node-process.ts'

const FOLDER = join(import.meta.dirname, '../peers/plc')
const INSTALL_SECONDS_MAX = 180
/** More than it was ever seen to do: a round must not run out of operations. */
const CREATES_PER_SECOND_MAX = 600
const RESOLVED = 500
const WARM_UP_MILLISECONDS = 1000

/** The did:plc directory, a process of its own over a database of its own on the same server. */
export interface PlcPeer extends AsyncDisposable {
  /** Signed genesis operations, made ahead, each of a fresh identifier; a second. Undefined where it is not here. */
  readonly creates: (() => Promise<number>) | undefined
  /** Documents of identifiers that are there; a second. */
  readonly resolves: (() => Promise<number>) | undefined
  /** Why it is not here, or what it did not do of what it was asked. */
  note(): string
}

/** What a peer is started with; `rounds` and `seconds` bound what `creates` can be asked for. */
export interface PlcOptions {
  readonly database: BenchDatabase
  readonly generator: LoadGenerator
  readonly folder: string
  readonly connections: number
  readonly rounds: number
  readonly seconds: number
}

/** Installs the packages where they are not yet, and starts the peer; or says why it is not here. */
export async function startPlc(options: PlcOptions): Promise<PlcPeer> {
  try {
    await install()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const note = `did:plc could not be installed (npm ci in bench/peers/plc): ${why.slice(0, 300)}`
    return {
      creates: undefined,
      resolves: undefined,
      note: () => note,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
  const { generator, connections, folder, rounds, seconds } = options
  const port = await freePort()
  const child = spawn(process.execPath, [join(FOLDER, 'server.mjs')], {
    env: { PATH: process.env['PATH'] ?? '', PORT: String(port), DATABASE_URL: options.database.ownerUrl },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  try {
    await waitUntilOk(`http://127.0.0.1:${port}/_health`, () => child.exitCode ?? child.signalCode)
    const files = await makeOperations(folder, rounds, seconds)
    const base = { host: '127.0.0.1', port, connections, status: 200 }
    let asked = 0
    let failed = 0
    const create = async (
      file: string,
      more: { milliseconds: number; connections?: number },
    ): Promise<number> => {
      const pieces = [
        'POST /',
        ' HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ',
        '\r\n\r\n',
        '',
      ]
      const result = await generator.run({ ...base, ...more, request: { pieces, file }, peerMayFail: true })
      asked += result.answered + result.errors
      failed += result.errors
      return result.perSecond
    }
    const resolve = async (milliseconds: number): Promise<number> => {
      const pieces = ['GET /', ' HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n']
      const request = { pieces, file: files.resolved, repeat: true }
      return (await generator.run({ ...base, milliseconds, request })).perSecond
    }
    // One after another, so that each is there: at once, it fails some for serialisation.
    await create(files.first, { milliseconds: 60_000, connections: 1 })
    if (failed > 0) throw new Error(`did:plc refused ${failed} of ${asked} operations`)
    // So that the planner knows that there is an index to use: a scan of the whole table conflicts with every create.
    await withClient(options.database.ownerUrl, (owner) => owner.query('vacuum analyze operations'))
    await resolve(WARM_UP_MILLISECONDS)
    const waiting = [...files.rounds]
    return {
      async creates() {
        const file = waiting.shift()
        if (file === undefined) throw new Error('more rounds were run than were said')
        return await create(file, { milliseconds: seconds * 1000 })
      },
      resolves: () => resolve(seconds * 1000),
      note: () =>
        `did:plc answered an error to ${failed} of ${asked} creates (serialisation failures); its rate is without them.`,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function install(): Promise<void> {
  if (existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return
  // Where `npm run` was called, which is not where this is to be installed.
  const { npm_config_local_prefix: _, ...env } = process.env
  const options = { cwd: FOLDER, env, timeout: INSTALL_SECONDS_MAX * 1000 }
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], options)
}

async function makeOperations(
  folder: string,
  rounds: number,
  seconds: number,
): Promise<{ first: string; resolved: string; rounds: string[] }> {
  const perRound = Math.ceil(seconds * CREATES_PER_SECOND_MAX)
  const all = join(folder, 'plc-operations.txt')
  const count = RESOLVED + rounds * perRound
  await promisify(execFile)(process.execPath, [join(FOLDER, 'make-operations.mjs'), String(count), all])
  const lines = (await readFile(all, 'latin1')).split('\n').slice(0, count)
  const keep = async (name: string, some: readonly string[]): Promise<string> => {
    const file = join(folder, `plc-${name}.txt`)
    await writeFile(file, some.map((line) => `${line}\n`).join(''), 'latin1')
    return file
  }
  const first = lines.slice(0, RESOLVED)
  const files = { first: await keep('first', first), resolved: '', rounds: [] as string[] }
  files.resolved = await keep(
    'resolved',
    first.map((line) => line.slice(0, line.indexOf('\t'))),
  )
  for (let round = 0; round < rounds; round++) {
    const from = RESOLVED + round * perRound
    files.rounds.push(await keep(`round-${round}`, lines.slice(from, from + perRound)))
  }
  return files
}
