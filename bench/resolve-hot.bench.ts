import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { BenchOptions } from './bench-options.ts'
import type { BenchResult } from './bench-result.ts'
import { figureOf } from './figure.ts'
import { startLoadGenerator } from './load/load-generator.ts'
import type { LoadPlan, LoadResult } from './load/load-plan.ts'
import { machine } from './machine.ts'
import { startPlc } from './plc/plc-peer.ts'
import { answerOf, startRawPeer } from './raw/raw-peer.ts'
import { alternate, type Contender } from './rounds.ts'
import { registerInBulk } from './stand/bulk-client.ts'
import { codeLoad, CONNECTIONS } from './stand/instance-load.ts'
import { waitUntilDrained, waitUntilProven } from './stand/log-watch.ts'
import { startStand } from './stand/stand.ts'

/** Answers that the bare server has, and gives in turn. */
const RAW_ANSWERS = 200
/** A first pass that takes longer is cut off; what it did not come to is cold, and no hot figure. */
const FIRST_PASS_MS_MAX = 90_000
/** A bundle is whole when the log has a witnessed proof for it. */
const PROVEN_SECONDS_MAX = 30
const RATIO_TO_RAW = 0.75
const RATIO_TO_PLC = 17

/** What is resolved, and how it is asked for. */
const KINDS = [
  {
    name: 'record',
    at: 'provider',
    path: '/v1/codes/',
    query: '',
    accept: 'application/agent-code-assignment+jwt',
  },
  { name: 'bundle', at: 'provider', path: '/v1/codes/', query: '', accept: 'application/json' },
  {
    name: 'verdict',
    at: 'resolver',
    path: '/v1/resolve/',
    query: '?detail=verdict',
    accept: 'application/json',
  },
] as const

/** 10,000 distinct codes over and over, at the node and at a resolver, against a bare server that gives the same bytes. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const [count, rounds, seconds] = options.smoke ? [500, 2, 1] : [10_000, 5, 1.5]
  await using stand = await startStand(options, 1)
  await using generator = startLoadGenerator()
  const resolver = await stand.startResolver()
  const [requester] = stand.requesters
  if (requester === undefined) throw new Error('nobody was enrolled')
  const codes: string[] = []
  await registerInBulk(stand.provider, requester, {
    count,
    run: 'hot',
    onCode: (code) => void codes.push(code),
  })

  await waitUntilDrained(stand.provider.database.ownerUrl, PROVEN_SECONDS_MAX)
  await waitUntilProven(stand.provider.url, codes.at(-1) ?? '', PROVEN_SECONDS_MAX)

  const results = new Map<string, LoadResult>()
  const measure =
    (name: string, plan: Omit<LoadPlan, 'milliseconds'>): Contender =>
    async () => {
      const result = await generator.run({ ...plan, milliseconds: seconds * 1000 })
      results.set(name, result)
      return result.perSecond
    }
  await using raws = new AsyncDisposableStack()
  const contenders: Record<string, Contender | undefined> = {}
  const firstPass: string[] = []
  const sizes: Record<string, number> = {}
  for (const { name, at, path, query, accept } of KINDS) {
    const node = at === 'provider' ? stand.provider : resolver
    const file = join(stand.folder, `${name}.txt`)
    await writeFile(file, codes.map((code) => `${code}${query}\n`).join(''))
    const first = codeLoad(node, { file, repeat: false, path, accept })
    const pass = await generator.run({ ...first, milliseconds: FIRST_PASS_MS_MAX })
    firstPass.push(
      `${name} ${Math.round(pass.perSecond).toLocaleString('en')}/s (${pass.answered} of ${count})`,
    )
    const answers = await Promise.all(
      codes.slice(0, RAW_ANSWERS).map((code) => answerOf(`${node.url}${path}${code}${query}`, accept)),
    )
    sizes[`${name}Bytes`] = answers[0]?.body.length ?? 0
    const raw = raws.use(await startRawPeer(answers))
    contenders[name] = measure(name, codeLoad(node, { file, repeat: true, path, accept }))
    contenders[`${name} raw`] = measure(`${name} raw`, codeLoad(raw, { file, repeat: true, path, accept }))
  }
  await using plc = await startPlc({
    database: await stand.postgres.createDatabase('plc'),
    generator,
    folder: stand.folder,
    connections: CONNECTIONS,
    rounds: 0,
    seconds,
  })
  for (const contender of Object.values(contenders)) await contender?.()
  const rates = await alternate(rounds, { ...contenders, plc: plc.resolves })

  const unit = 'requests/s'
  return {
    row: 'resolve-hot',
    setting: {
      connections: CONNECTIONS,
      codes: count,
      rounds,
      seconds,
      ...sizes,
      postgres: stand.postgres.version,
      ...machine(),
    },
    figures: KINDS.flatMap(({ name, at }) => [
      figureOf(rates, { work: `${name} (${at})`, name, unit, peer: `${name} raw`, goal: RATIO_TO_RAW }),
      figureOf(rates, { work: `${name} (${at}), did:plc`, name, unit, peer: 'plc', goal: RATIO_TO_PLC }),
    ]),
    notes: [
      `Latency in the last round: ${KINDS.map(({ name }) => `${name} ${latencyOf(results.get(name))}`).join('; ')}.`,
      `The first time each code was asked for: ${firstPass.join(', ')}.`,
      `The load generator took ${KINDS.map(({ name }) => `${results.get(`${name} raw`)?.cpuMicrosecondsPerRequest.toFixed(1)} µs`).join(', ')} of the same cores for each request to the bare server.`,
      'raw: node:http in a process of its own that writes the bodies and headers of 200 of these codes in turn and looks at nothing.',
      ...(plc.resolves === undefined ? [plc.note()] : []),
    ],
  }
}

function latencyOf(result: LoadResult | undefined): string {
  return result === undefined ? '' : `p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms`
}
