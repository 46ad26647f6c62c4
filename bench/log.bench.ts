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
/** As many as are asked for over and over in the rows of resolution. */
const RECORDS = 10_000

/** The sequencer over a million queued entries, journal and all, against storing the same entries as rows. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const [entries, rounds, proofs] = options.smoke ? [40_000, 2, 2000] : [1_000_000, 5, 20_000]
  const perRound = entries / rounds
  await using postgres = await startDurablePostgres()
  await using issuer = await createIssuerDatabase(postgres)
  await using process = await openLogProcess(issuer)
  const { log } = process

  const result = await withClient(issuer.database.ownerUrl, async (owner) => {
    await createPlainTables(owner)
    // As a node has it: whoever leads journals what is committed while it appends the next.
    log.start()
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
        insert: async () => await insertRows(owner, 'plain_entry', await entriesOf(log, perRound)),
        found: async () => await insertRows(owner, 'found_entry', await entriesOf(log, perRound)),
      }),
    )
    const random = seededRandom(SEED)
    const some = Array.from({ length: RECORDS }, () => random(next))
    rates.set('hot', await proveRounds(log, proofs, () => some[random(RECORDS)] ?? 0))
    rates.set('any', await proveRounds(log, proofs, () => random(next)))
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
      figureOf(rates, {
        work: 'drain, against rows found by hash too',
        name: 'ours',
        unit: 'entries/s',
        peer: 'found',
      }),
      figureOf(rates, {
        work: `proofs of ${RECORDS.toLocaleString('en')} records`,
        name: 'hot',
        unit: 'proofs/s',
      }),
      figureOf(rates, { work: 'proofs of any record', name: 'any', unit: 'proofs/s' }),
    ],
    notes: [
      `${size.toLocaleString('en')} entries at this rate: ${seconds.toFixed(1)} s. The whole tree made again and compared (fsck): ${(checked / 1000).toFixed(1)} s, sound.`,
      `On disk: ${Object.entries(bytes)
        .map(([table, some]) => `${table} ${(some / 1e6).toFixed(1)} MB`)
        .join(
          ', ',
        )}; ${Math.round(Object.values(bytes).reduce((sum, some) => sum + some, 0) / size)} B an entry with all indexes.`,
      `insert: the same entries, ${ROWS_AN_INSERT} rows a statement and transaction by unnest, one connection, a table with a primary key.`,
      'found: those rows, and for each the first eight bytes of the hash of its record under a primary key, as the log has it.',
      `Proofs: ${PROOFS_AT_ONCE} at once, each against the newest checkpoint; of any record: whose entry was hardly ever asked for before.`,
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

/** What entries are stored in by the limits: they grow as the log does. */
async function createPlainTables(owner: pg.Client): Promise<void> {
  for (const table of ['plain_entry', 'found_entry'])
    await owner.query(`create table ${table} (position bigint primary key, entry text not null)`)
  await owner.query(
    'create table found_position (hash64 bigint, position bigint, primary key (hash64, position))',
  )
}

async function insertRows(
  owner: pg.Client,
  table: 'plain_entry' | 'found_entry',
  entries: readonly string[],
): Promise<number> {
  const { rows } = await owner.query<{ next: string }>(`select count(*)::text as next from ${table}`)
  const next = Number(rows[0]?.next)
  const from = performance.now()
  for (let at = 0; at < entries.length; at += ROWS_AN_INSERT) {
    const some = entries.slice(at, at + ROWS_AN_INSERT)
    const positions = some.map((_, nth) => next + at + nth)
    await owner.query('begin')
    await owner.query(`insert into ${table} select * from unnest($1::bigint[], $2::text[])`, [
      positions,
      some,
    ])
    if (table === 'found_entry') await insertFound(owner, positions, some)
    await owner.query('commit')
  }
  return entries.length / ((performance.now() - from) / 1000)
}

async function insertFound(
  owner: pg.Client,
  positions: readonly number[],
  entries: readonly string[],
): Promise<void> {
  const hashes = entries.map((entry) => {
    const hash = entry.slice(entry.indexOf('"h":"') + 5)
    return Buffer.from(hash.slice(0, 43), 'base64url').readBigInt64BE()
  })
  await owner.query(
    'insert into found_position select * from unnest($1::bigint[], $2::bigint[]) as found (hash64, position) order by hash64',
    [hashes, positions],
  )
}

/** Rates of rounds after the first; `pick` gives the number of a record. */
async function proveRounds(log: NodeLog, proofs: number, pick: () => number): Promise<number[]> {
  const rates: number[] = []
  for (let round = 0; round <= PROOF_ROUNDS; round++) {
    const hashes = Array.from({ length: proofs }, () => recordHashOf(pick()))
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
