import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { BenchOptions } from './bench-options.ts'
import type { BenchFigure, BenchResult } from './bench-result.ts'
import { figureOf } from './figure.ts'
import { startLoadGenerator, type LoadGenerator } from './load/load-generator.ts'
import type { LoadPlan, LoadResult } from './load/load-plan.ts'
import { percentile } from './load/percentile.ts'
import { machine } from './machine.ts'
import { NO_PGBENCH, openPgbench } from './pgbench/pgbench.ts'
import { startPlc } from './plc/plc-peer.ts'
import { alternate } from './rounds.ts'
import { callerOf } from './stand/caller.ts'
import { CONNECTIONS, instanceLoad } from './stand/instance-load.ts'
import { demandInstances } from './stand/ledger.ts'
import {
  createLagMeter,
  shownSize,
  waitUntilDrained,
  watchCheckpoint,
  type LagMeter,
} from './stand/log-watch.ts'
import { startStand, type Stand } from './stand/stand.ts'

const REQUESTERS = 8
const P99_MS_MAX = 25
const LAG_MS_MAX = 1000
/** Where more waits than is drained in this time, a backlog grew. */
const DRAIN_SECONDS_MAX = 5
const LIFE_ACT_EVERY_MS = 1000

/**
 * Single allocation over HTTP at 64 connections, every guarantee on: rounds against pgbench and did:plc before and after
 * a minute without a pause, in which the log, the signing of status lists and a reader of checkpoints all run.
 */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const [rounds, seconds, sustained] = options.smoke ? [1, 1, 3] : [3, 3, 60]
  await using stand = await startStand(options, REQUESTERS)
  await using generator = startLoadGenerator()
  const { folder, postgres } = stand
  const database = await postgres.createDatabase('pgbench')
  const pgbench = await openPgbench({ url: database.ownerUrl, folder, scripts: ['insert'] })
  const plcOptions = { generator, folder, connections: CONNECTIONS, rounds: rounds * 2, seconds }
  await using plc = await startPlc({ ...plcOptions, database: await postgres.createDatabase('plc') })

  const load = await createLoad(stand, generator)
  const round = async (): Promise<Map<string, number[]>> =>
    await alternate(rounds, {
      ours: async () => (await load.run(seconds * 1000)).perSecond,
      pgbench: pgbench && (() => pgbench.inserts(seconds)),
      plc: plc.creates,
    })
  await load.run(options.smoke ? 1000 : 5000)
  const before = await round()
  const minute = await sustain(stand, load, sustained)
  const after = await round()
  const drained = await drain(stand)
  const codes = await load.demandWhole()

  const rates = new Map([...before].map(([name, some]) => [name, [...some, ...(after.get(name) ?? [])]]))
  const held = new Map(rates).set('sustained', [minute.result.perSecond])
  const limit = { unit: 'codes/s', peer: 'pgbench' }
  return {
    row: 'allocation',
    setting: {
      connections: CONNECTIONS,
      requesters: REQUESTERS,
      rounds: rounds * 2,
      seconds,
      sustained,
      codes,
      postgres: postgres.version,
      pgbench: pgbench?.version ?? 'absent',
      ...machine(),
    },
    figures: [
      figureOf(rates, { work: 'one code a request', name: 'ours', ...limit, goal: 0.5 }),
      figureOf(rates, {
        work: 'one code a request (did:plc)',
        name: 'ours',
        unit: 'codes/s',
        peer: 'plc',
        goal: 30,
      }),
      againstMedian(held, `the same for ${sustained} s without a pause`),
      atMost({
        work: `p99 at ${CONNECTIONS} connections, sustained`,
        figure: minute.result.p99,
        most: P99_MS_MAX,
      }),
      ...minute.lag,
    ],
    notes: [
      `p50 ${minute.result.p50.toFixed(1)} ms, p99 ${minute.result.p99.toFixed(1)} ms in the sustained run.`,
      `${codes} codes acknowledged, none twice, each with its row; ${minute.acts} codes locked or unlocked beside.`,
      `The log had taken all that waited ${Math.round(minute.drained)} ms after the sustained run, ${Math.round(drained)} ms after the last.`,
      `The load generator took ${minute.result.cpuMicrosecondsPerRequest.toFixed(1)} µs of the same cores for each request.`,
      ...minute.notes,
      ...(pgbench === undefined ? [NO_PGBENCH] : []),
      plc.note(),
    ],
  }
}

interface AllocationLoad {
  run(milliseconds: number, meter?: LagMeter): Promise<LoadResult>
  /** A code that was acknowledged. */
  someCode(): Promise<string>
  /** Holds what was acknowledged against the ledger; answers how many codes. @throws Error where they differ. */
  demandWhole(): Promise<number>
}

async function createLoad(stand: Stand, generator: LoadGenerator): Promise<AllocationLoad> {
  const plan: Omit<LoadPlan, 'milliseconds'> = await instanceLoad(stand)
  const files: string[] = []
  let acknowledged = 0
  const read = async (file: string): Promise<string[]> =>
    (await readFile(file, 'latin1')).trimEnd().split('\n')
  return {
    async run(milliseconds, meter) {
      const keptFile = join(stand.folder, `codes-${files.length}.txt`)
      files.push(keptFile)
      const result = await generator.run({ ...plan, milliseconds, keptFile }, meter?.acknowledged)
      acknowledged += result.answered
      return result
    },
    async someCode() {
      const [code] = await read(files[0] ?? '')
      if (code === undefined) throw new Error('no code was acknowledged')
      return code
    },
    async demandWhole() {
      const codes = new Set((await Promise.all(files.map(read))).flat())
      if (codes.size !== acknowledged) throw new Error(`${acknowledged} answers gave ${codes.size} codes`)
      await demandInstances(stand.provider.database.ownerUrl, acknowledged)
      return acknowledged
    },
  }
}

interface Sustained {
  readonly result: LoadResult
  readonly drained: number
  readonly acts: number
  readonly lag: BenchFigure[]
  readonly notes: string[]
}

async function sustain(stand: Stand, load: AllocationLoad, seconds: number): Promise<Sustained> {
  const { provider } = stand
  await drain(stand)
  const meter = createLagMeter(await shownSize(provider.url))
  const watch = watchCheckpoint(provider.url, meter)
  const life = keepChanging(stand, await load.someCode(), meter)
  const result = await load.run(seconds * 1000, meter)
  const acts = await life.stop()
  await watch.stop()
  const drained = await drain(stand)
  const lags = meter.lags()
  const rate = Math.round(result.perSecond).toLocaleString('en')
  const worst = percentile(lags, 1)
  return {
    result,
    drained,
    acts,
    lag: [atMost({ work: `checkpoint behind at ${rate} codes/s, worst`, figure: worst, most: LAG_MS_MAX })],
    notes: [
      `The checkpoint was ${Math.round(percentile(lags, 0.5))} ms behind in the middle, ${Math.round(worst)} ms at worst (${lags.length} looks).`,
    ],
  }
}

async function drain({ provider }: Stand): Promise<number> {
  return await waitUntilDrained(provider.database.ownerUrl, DRAIN_SECONDS_MAX)
}

/** Locks and unlocks a code beside the load, so that there is a status list to sign. */
function keepChanging(
  { provider, requesters }: Stand,
  code: string,
  meter: LagMeter,
): { stop(): Promise<number> } {
  const owner = requesters.find(({ ontology }) => code.startsWith(ontology.slice(0, -1)))
  const caller = callerOf(provider.url, owner?.token)
  const stopping = new AbortController()
  const changing = (async () => {
    let acts = 0
    while (!stopping.signal.aborted) {
      await caller.post(`/v1/codes/${code}/${acts % 2 === 0 ? 'lock' : 'unlock'}`, { reason: 'benchmark' })
      meter.beside()
      acts++
      await delay(LIFE_ACT_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
    return acts
  })()
  // Whoever stops it hears of it.
  changing.catch(() => undefined)
  return {
    async stop() {
      stopping.abort()
      return await changing
    },
  }
}

/** One figure of one run, against the median of the rounds around it. */
function againstMedian(held: ReadonlyMap<string, readonly number[]>, work: string): BenchFigure {
  const { peerFigure, ...line } = figureOf(held, {
    work,
    name: 'sustained',
    unit: 'codes/s',
    peer: 'pgbench',
  })
  const { figure: limit } = figureOf(held, {
    work,
    name: held.has('pgbench') ? 'pgbench' : 'sustained',
    unit: '',
  })
  return peerFigure === undefined
    ? line
    : { ...line, peer: 'pgbench', peerFigure: limit, ratio: line.figure / limit, goal: 0.5 }
}

/** A figure that is met when it is small enough. */
function atMost({ work, figure, most }: { work: string; figure: number; most: number }): BenchFigure {
  return {
    work,
    figure,
    unit: 'ms',
    spread: 0,
    peer: `at most ${most} ms`,
    peerFigure: most,
    ratio: most / Math.max(figure, 1e-3),
    goal: 1,
  }
}
