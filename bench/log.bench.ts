import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createNodeLog, openJournal, verifyWholeTree, type NodeLog } from '@arc3088/issuer'
import { createMemorySigner, generateSigningKey } from '@arc3088/records'
import { createLog, systemAmbient } from '@arc3088/service'
import type pg from 'pg'

import type { BenchOptions } from './bench-options.ts'
import { summarise, type BenchResult } from './bench-result.ts'
import { figureOf } from './figure.ts'
import { machine } from './machine.ts'
import { alternate } from './rounds.ts'
import { seededRandom } from './seeded-random.ts'
import { startDurablePostgres, withClient } from './stand/durable-postgres.ts'
import { createIssuerDatabase, type IssuerDatabase } from './stand/issuer-database.ts'
import { queueEntriesOf, recordHashOf } from './stand/queued-entries.ts'

const SEED = 3088
const ORIGIN = 'p1.example/tlog'
/** As many as the sequencer takes in one transaction. */
const ROWS_AN_INSERT = 8192
const PROOFS_AT_ONCE = 64
const PROOF_ROUNDS = 5

/** The sequencer over a million queued entries, journal and all, against storing the same entries as rows. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const [entries, rounds, proofs] = options.smoke ? [40_000, 2, 500] : [1_000_000, 5, 4000]
  const perRound = entries / rounds
  await using postgres = await startDurablePostgres()
  await using issuer = await createIssuerDatabase(postgres)
  await using process = await openLogProcess(issuer)
  const { log } = process

  const result = await withClient(issuer.database.ownerUrl, async (owner) => {
    await owner.query('create table plain_entry (position bigint primary key, entry text not null)')
    const warmUp = Math.min(perRound, 20_000)
    await queueEntriesOf(owner, 0, warmUp)
    await log.drainNow()
    let next = warmUp
    const drain = async (): Promise<number> => {
      await queueEntriesOf(owner, next, next + perRound)
      next += perRound
      const from = performance.now()
      await log.drainNow()
      const milliseconds = performance.now() - from
      const { size } = await log.head()
      if (size !== next) throw new Error(`${next} entries were queued, and the log has ${size}`)
      return perRound / (milliseconds / 1000)
    }
    const rates = new Map<string, number[]>(
      await alternate(rounds, {
        ours: drain,
        insert: async () => await insertRows(owner, await entriesOf(log, perRound)),
      }),
    )
    rates.set('proofs', await proveRounds(log, { size: next, proofs }))
    return { rates, size: next, bytes: await sizesOf(owner) }
  })

  const fromCheck = performance.now()
  const tree = await verifyWholeTree(issuer.open(2), { origin: ORIGIN })
  const checked = performance.now() - fromCheck
  if (tree.kind !== 'sound' || tree.size !== result.size)
    throw new Error(`the tree is ${JSON.stringify(tree)}`)
  const { rates, size, bytes } = result
  const seconds = size / summarise(rates.get('ours') ?? []).figure
  return {
    row: 'log',
    setting: { seed: SEED, entries: size, rounds, postgres: postgres.version, ...machine() },
    figures: [
      figureOf(rates, {
        work: 'drain: append, sign, journal',
        name: 'ours',
        unit: 'entries/s',
        peer: 'insert',
        goal: 0.5,
      }),
      figureOf(rates, { work: `proofs, ${PROOFS_AT_ONCE} at once`, name: 'proofs', unit: 'proofs/s' }),
    ],
    notes: [
      `${size.toLocaleString('en')} entries at this rate: ${seconds.toFixed(1)} s. The whole tree made again and compared (fsck): ${(checked / 1000).toFixed(1)} s, sound.`,
      `On disk: ${Object.entries(bytes)
        .map(([table, some]) => `${table} ${(some / 1e6).toFixed(1)} MB`)
        .join(
          ', ',
        )}; ${Math.round(Object.values(bytes).reduce((sum, some) => sum + some, 0) / size)} B an entry with all indexes.`,
      `insert: the same entries, ${ROWS_AN_INSERT} rows a statement and transaction by unnest, one connection, a table with a primary key.`,
      'How far the checkpoint is behind at the sustained allocation rate is measured by the row allocation.',
      'No witness is asked here: cosigning waits for the network of others, and holds up no drain.',
    ],
  }
}

interface LogProcess extends AsyncDisposable {
  readonly log: NodeLog
}

/** The log of a node in this process: pools, key and a journal on the disk as a node has them. */
async function openLogProcess(issuer: IssuerDatabase): Promise<LogProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'arc3088-bench-journal-'))
  const ambient = systemAmbient()
  const failed = (error: Error): void => {
    throw error
  }
  const journal = await openJournal({ directory, entityId: 'https://p1.example', ambient, onFailure: failed })
  const { privateJwk } = await generateSigningKey('Ed25519')
  const signer = await createMemorySigner({ alg: 'Ed25519', privateJwk })
  const log = createNodeLog({
    db: issuer.open(4),
    leaderDb: issuer.open(1),
    ambient,
    log: createLog({ level: 'warn', service: 'bench' }),
    origin: ORIGIN,
    signer: () => signer,
    journal,
    witnesses: () => Promise.resolve([]),
    quorum: () => 0,
    askWitness: () => Promise.resolve({ kind: 'unreachable', detail: 'there is no witness' }),
    onContradiction: (detail) => failed(new Error(detail)),
  })
  return {
    log,
    async [Symbol.asyncDispose]() {
      await log.stop()
      await journal.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The newest entries of the log: what the limit has to store too. */
async function entriesOf(log: NodeLog, count: number): Promise<string[]> {
  const { size } = await log.head()
  return await log.entries(Math.max(0, size - count), size)
}

async function insertRows(owner: pg.Client, entries: readonly string[]): Promise<number> {
  await owner.query('truncate plain_entry')
  const from = performance.now()
  for (let at = 0; at < entries.length; at += ROWS_AN_INSERT) {
    const some = entries.slice(at, at + ROWS_AN_INSERT)
    await owner.query('insert into plain_entry select * from unnest($1::bigint[], $2::text[])', [
      some.map((_, nth) => at + nth),
      some,
    ])
  }
  return entries.length / ((performance.now() - from) / 1000)
}

async function proveRounds(
  log: NodeLog,
  { size, proofs }: { size: number; proofs: number },
): Promise<number[]> {
  const random = seededRandom(SEED)
  const rates: number[] = []
  for (let round = 0; round <= PROOF_ROUNDS; round++) {
    const hashes = Array.from({ length: proofs }, () => recordHashOf(random(size)))
    const next = hashes.values()
    const from = performance.now()
    const workers = Array.from({ length: PROOFS_AT_ONCE }, async () => {
      for (const hash of next)
        if ((await log.proofOf(hash)) === undefined) throw new Error('an entry has no proof')
    })
    await Promise.all(workers)
    rates.push(proofs / ((performance.now() - from) / 1000))
  }
  return rates.slice(1)
}

async function sizesOf(owner: pg.Client): Promise<Record<string, number>> {
  await owner.query('vacuum log_tile')
  const { rows } = await owner.query<{ name: string; bytes: string }>(
    `select relname as name, pg_total_relation_size(oid)::text as bytes from pg_class
     where relname in ('log_tile', 'log_position', 'log_checkpoint') order by relname`,
  )
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]))
}
