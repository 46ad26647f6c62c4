import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { asInstanceNumber, buildCode, readCode } from '@arc3088/codec'

import type { BenchOptions } from './bench-options.ts'
import { summarise, type BenchFigure, type BenchResult } from './bench-result.ts'
import { fill, filledNumber, fillPlanOf, type FillPlan } from './growth/fill.ts'
import { bytesPerCode, countCodes, describeSizes, readSizes } from './growth/sizes.ts'
import { startLoadGenerator, type LoadGenerator } from './load/load-generator.ts'
import type { LoadResult } from './load/load-plan.ts'
import { machine } from './machine.ts'
import { openPgbench, type Pgbench } from './pgbench/pgbench.ts'
import { answerOf } from './raw/raw-peer.ts'
import { seededRandom } from './seeded-random.ts'
import { callerOf, textOf } from './stand/caller.ts'
import { withClient } from './stand/durable-postgres.ts'
import { codeLoad, instanceLoad } from './stand/instance-load.ts'
import { waitingEntries, waitUntilDrained } from './stand/log-watch.ts'
import { queueEntriesOf } from './stand/queued-entries.ts'
import { startStand, type Stand } from './stand/stand.ts'

const SEED = 3088
const REQUESTERS = 16
const FILLED_AT_ONCE = 50_000
/** Past this many entries the filling waits for the log, so that there is never a backlog that a node would not have. */
const WAITING_MAX = 200_000
const DRAIN_SECONDS_MAX = 120
/** Nothing more is begun after this; what was measured until then is the result. */
const MINUTES_MAX = 60
const RECORD = 'application/agent-code-assignment+jwt'
const BYTES_PER_CODE_MAX = 1800
const KEPT_PART = 0.85

interface Measured {
  readonly codes: number
  readonly allocation: { figure: number; spread: number }
  readonly cold: { figure: number; spread: number }
  readonly latency: Pick<LoadResult, 'p50' | 'p99'>
  readonly bytes: number
  readonly sizes: string
  readonly memory: number
  readonly inserts: number | undefined
}

/**
 * Allocation, cold resolution, bytes and memory with 10^5, 10^6 and 10^7 instances. Only by name: it takes most of an
 * hour. Says what it does while it does it.
 */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const targets = options.smoke ? [2000, 10_000] : [100_000, 1_000_000, 10_000_000]
  const [rounds, seconds] = options.smoke ? [2, 1] : [5, 4]
  const deadline = performance.now() + MINUTES_MAX * 60_000
  await using stand = await startStand(options, REQUESTERS)
  await using generator = startLoadGenerator()
  const database = await stand.postgres.createDatabase('pgbench')
  const pgbench = await openPgbench({ url: database.ownerUrl, folder: stand.folder, scripts: ['insert'] })
  const plan = fillPlanOf(stand.requesters, await recordLength(stand))
  const measured: Measured[] = []
  let filled = 0
  for (const target of targets) {
    const isWhole = await fillUpTo({ stand, plan, deadline }, filled, target)
    if (!isWhole) break
    filled = target
    measured.push(await measure({ stand, generator, pgbench, plan, rounds, seconds }, target))
    say(`${target.toLocaleString('en')}: ${JSON.stringify(measured.at(-1))}`)
  }
  const first = measured[0]
  const last = measured.at(-1)
  if (first === undefined || last === undefined) throw new Error('nothing was measured in time')
  return {
    row: 'growth',
    setting: {
      seed: SEED,
      requesters: REQUESTERS,
      rounds,
      seconds,
      recordLength: plan.recordLength,
      postgres: stand.postgres.version,
      ...machine(),
    },
    figures: [...measured.flatMap((one) => figuresOf(one, first)), bytesFigure(last)],
    notes: [
      ...measured.map(
        (one) =>
          `${one.codes.toLocaleString('en')} codes: cold p50 ${one.latency.p50.toFixed(1)} ms, p99 ${one.latency.p99.toFixed(1)} ms; node ${Math.round(one.memory / 1e6)} MB; ` +
          `${Math.round(one.bytes)} B a code (rows + indexes: ${one.sizes})${one.inserts === undefined ? '' : `; pgbench ${Math.round(one.inserts)} inserts/s`}.`,
      ),
      'Filled by multi-row SQL into the same tables: text of the length of a real record stands for each, so that bytes, searches and the log are real, and signatures are not.',
      ...(measured.length < targets.length
        ? [
            `Stopped after ${MINUTES_MAX} minutes: ${targets.slice(measured.length).join(', ')} were not reached.`,
          ]
        : []),
    ],
  }
}

function figuresOf(one: Measured, first: Measured): BenchFigure[] {
  const at = one.codes.toLocaleString('en')
  const against = (figure: number, peerFigure: number) =>
    one === first
      ? {}
      : {
          peer: `at ${first.codes.toLocaleString('en')}`,
          peerFigure,
          ratio: figure / peerFigure,
          goal: KEPT_PART,
        }
  return [
    {
      work: `allocation at ${at}`,
      ...one.allocation,
      unit: 'codes/s',
      ...against(one.allocation.figure, first.allocation.figure),
    },
    {
      work: `cold resolve at ${at}`,
      ...one.cold,
      unit: 'requests/s',
      ...against(one.cold.figure, first.cold.figure),
    },
  ]
}

function bytesFigure({ codes, bytes }: Measured): BenchFigure {
  const most = BYTES_PER_CODE_MAX
  return {
    work: `on the disk at ${codes.toLocaleString('en')}, all tables and indexes`,
    figure: bytes,
    unit: 'B a code',
    spread: 0,
    peer: `at most ${most} B`,
    peerFigure: most,
    ratio: most / bytes,
    goal: 1,
  }
}

async function recordLength({ provider, requesters }: Stand): Promise<number> {
  const [requester] = requesters
  if (requester === undefined) throw new Error('nobody was enrolled')
  const caller = callerOf(provider.url, requester.token)
  const code = textOf(await caller.post(`/v1/ontologies/${requester.ontology}/instances`, {}), 'code')
  return (await answerOf(`${provider.url}/v1/codes/${code}`, RECORD)).body.length
}

/** Answers false where the time is over. */
async function fillUpTo(
  parts: { stand: Stand; plan: FillPlan; deadline: number },
  from: number,
  to: number,
): Promise<boolean> {
  const { stand, plan, deadline } = parts
  const { ownerUrl } = stand.provider.database
  return await withClient(ownerUrl, async (owner) => {
    const began = performance.now()
    for (let at = from; at < to; at += FILLED_AT_ONCE) {
      if (performance.now() > deadline) return false
      const until = Math.min(to, at + FILLED_AT_ONCE)
      await fill(owner, plan, at, until)
      await queueEntriesOf(owner, at, until)
      if ((await waitingEntries(ownerUrl)) > WAITING_MAX) await waitUntilDrained(ownerUrl, DRAIN_SECONDS_MAX)
      const rate = (until - from) / ((performance.now() - began) / 1000)
      if (until % (FILLED_AT_ONCE * 10) === 0)
        say(`${until.toLocaleString('en')} of ${to.toLocaleString('en')} filled, ${Math.round(rate)}/s`)
    }
    await waitUntilDrained(ownerUrl, DRAIN_SECONDS_MAX)
    await owner.query('vacuum analyze')
    return true
  })
}

async function measure(
  parts: {
    stand: Stand
    generator: LoadGenerator
    pgbench: Pgbench | undefined
    plan: FillPlan
    rounds: number
    seconds: number
  },
  codes: number,
): Promise<Measured> {
  const { stand, generator, pgbench, plan, rounds, seconds } = parts
  const allocation = await instanceLoad(stand)
  const { keep: _, ...single } = allocation
  const milliseconds = seconds * 1000
  const colds: LoadResult[] = []
  const [allocations, inserts]: [number[], number[]] = [[], []]
  // Sizes first: what is allocated while measuring is not of the codes that are counted.
  const { sizes, there } = await withClient(stand.provider.database.ownerUrl, async (owner) => ({
    sizes: await readSizes(owner),
    there: await countCodes(owner),
  }))
  await generator.run({ ...single, milliseconds })
  for (let round = 0; round < rounds; round++) {
    allocations.push((await generator.run({ ...single, milliseconds })).perSecond)
    const file = await writeColdCodes(stand, plan, { codes, round, rounds })
    const cold = codeLoad(stand.provider, { file, repeat: false, path: '/v1/codes/', accept: RECORD })
    colds.push(await generator.run({ ...cold, milliseconds }))
    if (pgbench !== undefined) inserts.push(await pgbench.inserts(seconds))
  }
  const middle = colds.toSorted((a, b) => a.p99 - b.p99)[colds.length >> 1]
  return {
    codes,
    allocation: summarise(allocations),
    cold: summarise(colds.map(({ perSecond }) => perSecond)),
    latency: { p50: middle?.p50 ?? Number.NaN, p99: middle?.p99 ?? Number.NaN },
    bytes: bytesPerCode(sizes, there),
    sizes: describeSizes(sizes, there),
    memory: await stand.provider.process.memory(),
    inserts: inserts.length === 0 ? undefined : summarise(inserts).figure,
  }
}

/** Codes of all that are there, drawn evenly; a part of its own for each round, so that none is asked for twice. */
async function writeColdCodes(
  { folder, requesters }: Stand,
  { ontologies }: FillPlan,
  { codes, round, rounds }: { codes: number; round: number; rounds: number },
): Promise<string> {
  const random = seededRandom(SEED + codes + round)
  const count = Math.min(200_000, Math.floor(codes / rounds))
  const drawn = new Set<number>()
  // Those whose remainder is the round's, so that rounds share none.
  while (drawn.size < count) drawn.add(random(Math.floor(codes / rounds)) * rounds + round)
  const parents = requesters.map(({ ontology }) => {
    const read = readCode(ontology)
    if (read.kind !== 'code') throw new Error(`${ontology} is no code`)
    return read
  })
  const lines = Array.from(drawn, (nth) => {
    const parent = parents[nth % ontologies.length]
    if (parent === undefined) throw new Error('an ontology is missing')
    const { prefix, provider, requester, ontology } = parent
    return `${buildCode({ prefix, provider, requester, ontology, instance: asInstanceNumber(filledNumber(nth)) }).text}\n`
  })
  const file = join(folder, `cold-${codes}-${round}.txt`)
  await writeFile(file, lines.join(''))
  return file
}

function say(text: string): void {
  process.stderr.write(`growth: ${text}\n`)
}
