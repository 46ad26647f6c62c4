import type { BenchOptions } from './bench-options.ts'
import type { BenchResult } from './bench-result.ts'
import { NO_PSQL, openCopyLimit } from './copy-limit.ts'
import { figureOf } from './figure.ts'
import { machine } from './machine.ts'
import { alternate } from './rounds.ts'
import { es256PerSecond } from './signing-limit.ts'
import { registerInBulk } from './stand/bulk-client.ts'
import { demandInstances } from './stand/ledger.ts'
import { waitUntilDrained } from './stand/log-watch.ts'
import { startStand } from './stand/stand.ts'

const DRAIN_SECONDS_MAX = 30
const SIGNING_MS = 1000
const SIGNED_TEXTS = 1000

/** `instances:bulk` with 100,000 lines, every guarantee on for each, against what signing and storing alone would take. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const [lines, rounds] = options.smoke ? [2000, 2] : [100_000, 5]
  await using stand = await startStand(options, 1)
  const { provider, folder } = stand
  const [requester] = stand.requesters
  if (requester === undefined) throw new Error('nobody was enrolled')

  let streams = 0
  const register = async (count: number, keepLines = 0) =>
    await registerInBulk(provider, requester, { count, run: `bulk-${streams++}`, keepLines })
  const warmUpLines = Math.max(SIGNED_TEXTS, lines / 5)
  const warmUp = await register(warmUpLines, SIGNED_TEXTS)
  const signed = warmUp.firstLines.map(signingInputOf)
  const copy = await openCopyLimit(provider.database.ownerUrl, folder)
  let bytes = 0
  const rates = await alternate(rounds, {
    ours: async () => {
      const outcome = await register(lines)
      bytes = outcome.bytes
      return lines / (outcome.milliseconds / 1000)
    },
    signing: async () => await Promise.resolve(es256PerSecond(signed, options.smoke ? 200 : SIGNING_MS)),
    copy: copy && (() => copy.perSecond()),
  })
  const drained = await waitUntilDrained(provider.database.ownerUrl, DRAIN_SECONDS_MAX)
  const codes = warmUpLines + rounds * lines
  await demandInstances(provider.database.ownerUrl, codes)
  const work = `a code a line, ${lines.toLocaleString('en')} lines`
  return {
    row: 'bulk',
    setting: { lines, rounds, codes, answerBytes: bytes, postgres: stand.postgres.version, ...machine() },
    figures: [
      figureOf(rates, { work, name: 'ours', unit: 'codes/s', peer: 'signing', goal: 0.6 }),
      figureOf(rates, { work: `${work} (COPY)`, name: 'ours', unit: 'codes/s', peer: 'copy' }),
    ],
    notes: [
      `${codes} codes acknowledged, each with its rows; the log had the last of them ${Math.round(drained)} ms later.`,
      'One stream of one requester: chunks follow each other, so that one core of the node works and the database beside it.',
      'signing: ES256 by node:crypto, one thread, the key given alone, over the signing inputs of records that the node answered.',
      'copy: ledger, record and idempotency rows of the warm-up, binary, into unpartitioned tables with the same keys.',
      ...(copy === undefined ? [NO_PSQL] : []),
    ],
  }
}

function signingInputOf(line: string): string {
  const { record } = JSON.parse(line) as { record: string }
  return record.slice(0, record.lastIndexOf('.'))
}
