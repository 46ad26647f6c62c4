import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { BenchOptions } from './bench-options.ts'
import { summarise, type BenchResult } from './bench-result.ts'
import { figureOf } from './figure.ts'
import { machine } from './machine.ts'
import { alternate } from './rounds.ts'
import { freePort } from './stand/free-port.ts'
import { waitUntilOk, type NodeProcess } from './stand/node-process.ts'
import { startStand } from './stand/stand.ts'

const EMPTY = join(import.meta.dirname, 'start/empty-server.mjs')

/** From spawn to the first answer: a provider that has its database and its appointment, against an empty node:http process. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const rounds = options.smoke ? 2 : 9
  await using stand = await startStand(options, 1)
  const { provider } = stand
  const port = await freePort()
  await provider.process.stop()
  const rates = await alternate(rounds, {
    live: () => startsPerSecond(provider.process, '/livez'),
    ready: () => startsPerSecond(provider.process, '/readyz'),
    empty: () => emptyPerSecond(port),
  })
  // Whoever comes first finds nothing in the caches of the machine.
  for (const some of rates.values()) some.shift()
  const milliseconds = (name: 'live' | 'ready' | 'empty'): string =>
    `${Math.round(1000 / summarise(rates.get(name) ?? []).figure)} ms`
  return {
    row: 'start',
    setting: { rounds: rounds - 1, program: options.fromSource ? 'source' : 'dist', ...machine() },
    figures: [
      figureOf(rates, {
        work: 'to the first answer',
        name: 'live',
        unit: 'starts/s',
        peer: 'empty',
        goal: 1 / 3,
      }),
      figureOf(rates, { work: 'until it is ready', name: 'ready', unit: 'starts/s', peer: 'empty' }),
    ],
    notes: [
      `First answer after ${milliseconds('live')}, ready after ${milliseconds('ready')}, empty node:http after ${milliseconds('empty')}.`,
      'Both are asked every 2 ms from the moment they are started.',
    ],
  }
}

async function startsPerSecond(process: NodeProcess, path: string): Promise<number> {
  const from = performance.now()
  await process.start(path)
  const milliseconds = performance.now() - from
  await process.stop()
  return 1000 / milliseconds
}

async function emptyPerSecond(port: number): Promise<number> {
  const from = performance.now()
  const child = spawn(process.execPath, [EMPTY], { env: { PORT: String(port) }, stdio: 'inherit' })
  await waitUntilOk(`http://127.0.0.1:${port}/`, () => child.exitCode ?? child.signalCode)
  const milliseconds = performance.now() - from
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  return 1000 / milliseconds
}
