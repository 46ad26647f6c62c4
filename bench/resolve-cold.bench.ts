import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { BenchOptions } from './bench-options.ts'
import type { BenchResult } from './bench-result.ts'
import { figureOf } from './figure.ts'
import { startLoadGenerator } from './load/load-generator.ts'
import type { LoadResult } from './load/load-plan.ts'
import { machine } from './machine.ts'
import { NO_PGBENCH, openPgbench, SELECTED_ROWS } from './pgbench/pgbench.ts'
import { startPlc } from './plc/plc-peer.ts'
import { alternate } from './rounds.ts'
import { shuffled } from './seeded-random.ts'
import { registerInBulk } from './stand/bulk-client.ts'
import { withClient } from './stand/durable-postgres.ts'
import { codeLoad, CONNECTIONS } from './stand/instance-load.ts'
import { demandInstances } from './stand/ledger.ts'
import { waitUntilDrained } from './stand/log-watch.ts'
import { startStand, type Stand } from './stand/stand.ts'

const SEED = 3088
const REQUESTERS = 8
/** Two streams at a time: while the database stores a chunk of one, the node signs one of the other. */
const STREAMS = 2
const STREAM_LINES_MAX = 50_000
const DRAIN_SECONDS_MAX = 60
const RECORD = 'application/agent-code-assignment+jwt'

/** Codes of a million that the node has never been asked for, against point selects of the same server by pgbench. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const [count, rounds, seconds] = options.smoke ? [8000, 2, 1] : [1_000_000, 5, 3]
  await using stand = await startStand(options, REQUESTERS)
  await using generator = startLoadGenerator()
  const { folder, postgres, provider } = stand
  const fromLoad = performance.now()
  const codes = shuffled(await registerAll(stand, count), SEED)
  const loaded = (performance.now() - fromLoad) / 1000
  await demandInstances(provider.database.ownerUrl, count)
  const drained = await waitUntilDrained(provider.database.ownerUrl, DRAIN_SECONDS_MAX)
  await withClient(provider.database.ownerUrl, (owner) => owner.query('vacuum analyze'))
  // A process that has seen none of them.
  await provider.process.stop()
  await provider.process.start('/readyz')

  const database = await postgres.createDatabase('pgbench')
  const pgbench = await openPgbench({ url: database.ownerUrl, folder, scripts: ['select'] })
  await using plc = await startPlc({
    database: await postgres.createDatabase('plc'),
    generator,
    folder,
    connections: CONNECTIONS,
    rounds: 0,
    seconds,
  })
  // One slice a round, and one to warm up with: no code is asked for twice.
  const slice = Math.floor(count / (rounds + 1))
  const files: string[] = []
  for (let nth = 0; nth <= rounds; nth++) {
    const file = join(folder, `cold-${nth}.txt`)
    await writeFile(file, `${codes.slice(nth * slice, (nth + 1) * slice).join('\n')}\n`)
    files.push(file)
  }
  const results: LoadResult[] = []
  const resolve = async (): Promise<number> => {
    const file = files[results.length] ?? ''
    const plan = codeLoad(provider, { file, repeat: false, path: '/v1/codes/', accept: RECORD })
    const result = await generator.run({ ...plan, milliseconds: seconds * 1000 })
    results.push(result)
    return result.perSecond
  }
  await resolve()
  const rates = await alternate(rounds, {
    ours: resolve,
    pgbench: pgbench && (() => pgbench.selects(seconds)),
    plc: plc.resolves,
  })
  const line = { name: 'ours', unit: 'requests/s' }
  const last = results.at(-1)
  return {
    row: 'resolve-cold',
    setting: {
      seed: SEED,
      codes: count,
      asked: results.reduce((sum, { answered }) => sum + answered, 0),
      connections: CONNECTIONS,
      rounds,
      seconds,
      postgres: postgres.version,
      pgbench: pgbench?.version ?? 'absent',
      ...machine(),
    },
    figures: [
      figureOf(rates, { ...line, work: 'record, never asked for', peer: 'pgbench', goal: 0.5 }),
      figureOf(rates, { ...line, work: 'record, never asked for (did:plc)', peer: 'plc', goal: 12 }),
    ],
    notes: [
      `${count.toLocaleString('en')} codes came by instances:bulk in ${loaded.toFixed(0)} s, ${Math.round(count / loaded).toLocaleString('en')} codes/s over ${STREAMS} streams; the log had them ${Math.round(drained)} ms later.`,
      `p50 ${last?.p50.toFixed(1)} ms, p99 ${last?.p99.toFixed(1)} ms in the last round.`,
      `pgbench: point selects by 8 clients over ${SELECTED_ROWS.toLocaleString('en')} rows of 40 bytes; a record has some 900.`,
      ...(pgbench === undefined ? [NO_PGBENCH] : []),
      ...(plc.resolves === undefined ? [plc.note()] : []),
    ],
  }
}

/** By the real way, a stream for each part; answers every code. */
async function registerAll({ provider, requesters }: Stand, count: number): Promise<string[]> {
  const codes: string[] = []
  const parts = Math.max(requesters.length, Math.ceil(count / STREAM_LINES_MAX))
  const next = Array.from({ length: parts }, (_, part) => part).values()
  const streams = Array.from({ length: STREAMS }, async () => {
    for (const part of next) {
      const requester = requesters[part % requesters.length]
      if (requester === undefined) throw new Error('nobody was enrolled')
      const lines = Math.floor((count * (part + 1)) / parts) - Math.floor((count * part) / parts)
      const onCode = (code: string): void => void codes.push(code)
      await registerInBulk(provider, requester, { count: lines, run: `cold-${part}`, onCode })
    }
  })
  await Promise.all(streams)
  return codes
}
