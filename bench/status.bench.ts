import { promisify } from 'node:util'
import { constants, deflate, type ZlibOptions } from 'node:zlib'

import {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  buildCode,
  HOME_PREFIX,
} from '@arc3088/codec'
import { createStatusLists, setStatusMany, type StatusChange } from '@arc3088/issuer'
import {
  createMemorySigner,
  entryAt,
  generateSigningKey,
  setEntry,
  STATUS_LIST_BYTES,
  STATUS_LIST_SIZE,
} from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'

import type { BenchOptions } from './bench-options.ts'
import type { BenchResult } from './bench-result.ts'
import { figureOf } from './figure.ts'
import { machine } from './machine.ts'
import { alternate } from './rounds.ts'
import { seededRandom } from './seeded-random.ts'
import { startDurablePostgres, withClient } from './stand/durable-postgres.ts'
import { createIssuerDatabase } from './stand/issuer-database.ts'

const SEED = 3088
const FLIPS = 1000
/** One code in so many is not valid before the first flip: a list of zeros would be deflated in no time. */
const CHANGED_IN = 20
const AT_ONCE = 8

/** Flips 1,000 random entries of 10 million and publishes every list that changed, against deflating those lists alone. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const [entries, rounds] = options.smoke ? [1_000_000, 3] : [10_000_000, 9]
  const lists = Math.ceil(entries / STATUS_LIST_SIZE)
  await using postgres = await startDurablePostgres()
  await using issuer = await createIssuerDatabase(postgres)
  await fillLists(issuer.database.ownerUrl, lists)

  const db = issuer.open(4)
  const ambient = systemAmbient()
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  const published = createStatusLists({
    db,
    ambient,
    signer: () => signer,
    entityId: 'https://p1.example',
    ttlSeconds: 300,
    statusListUri: (list) => `https://p1.example/status/${list}`,
  })
  const fromCold = performance.now()
  for (let list = 0; list < lists; list++) await published.sign(list)
  const cold = performance.now() - fromCold

  const bits = await readBits(issuer.database.ownerUrl, lists)
  const random = seededRandom(SEED)
  let dirty = 0
  const publishing: number[] = []
  const rates = new Map<string, number[]>(
    await alternate(rounds, {
      ours: async () => {
        const changes = flip(bits, random)
        dirty = new Set(changes.map(({ status }) => status.list)).size
        const from = performance.now()
        await db.transaction().execute((tx) => setStatusMany(tx, ambient, changes))
        const committed = performance.now()
        const signed = await published.publishDirty()
        const until = performance.now()
        if (signed !== dirty) throw new Error(`${dirty} lists changed, and ${signed} were published`)
        publishing.push(FLIPS / ((until - committed) / 1000))
        return FLIPS / ((until - from) / 1000)
      },
      deflate: () => deflateAll(bits, {}),
      runs: () => deflateAll(bits, { strategy: constants.Z_RLE }),
    }),
  )
  rates.set('publish', publishing)
  // The first is of code that was never run.
  for (const some of rates.values()) some.shift()
  const tokens = await Promise.all(bits.map((_, list) => published.sign(list)))
  const bytes = tokens.reduce((sum, token) => sum + (token?.length ?? 0), 0)
  return {
    row: 'status',
    setting: {
      seed: SEED,
      entries: lists * STATUS_LIST_SIZE,
      lists,
      flips: FLIPS,
      dirty,
      tokenBytes: bytes,
      rounds: rounds - 1,
      postgres: postgres.version,
      ...machine(),
    },
    figures: [
      figureOf(rates, {
        work: 'flip, commit and publish',
        name: 'ours',
        unit: 'flips/s',
        peer: 'deflate',
        goal: 0.7,
      }),
      figureOf(rates, { work: 'publish alone', name: 'publish', unit: 'flips/s', peer: 'deflate' }),
      figureOf(rates, { work: 'publish alone, as deflated', name: 'publish', unit: 'flips/s', peer: 'runs' }),
    ],
    notes: [
      `${dirty} of ${lists} lists were dirty each time: ${Math.round((FLIPS * 1000) / figureOf(rates, { work: '', name: 'ours', unit: '' }).figure)} ms from the first statement to the last signature.`,
      `Read from the database and signed for the first time: ${Math.round(cold)} ms for all ${lists} lists, ${(bytes / 1e6).toFixed(1)} MB of tokens.`,
      'deflate: node:zlib with its defaults, eight lists at once in its thread pool, over the same bits.',
      'runs: the same by runs of bytes alone, as the node calls it: entries are scattered, and nothing else comes again.',
    ],
  }
}

async function fillLists(ownerUrl: string, lists: number): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    await client.query(
      `insert into status_list (number, level, leased, scramble_key, opened_at)
       select number, 'instance', $2, decode(repeat('00', 16), 'hex'), now() from generate_series(0, $1 - 1) as given (number)`,
      [lists, STATUS_LIST_SIZE],
    )
    await client.query(
      `insert into status_entry (list, index, status, changed_at)
       select list, index, 1 + (hashint8(list * $2::bigint + index) / $3 & 1), now()
       from generate_series(0, $1 - 1) as list, generate_series(0, $2 - 1) as index
       where hashint8(list * $2::bigint + index) % $3 = 0`,
      [lists, STATUS_LIST_SIZE, CHANGED_IN],
    )
    await client.query('vacuum analyze status_entry')
  })
}

async function readBits(ownerUrl: string, lists: number): Promise<Uint8Array[]> {
  const bits = Array.from({ length: lists }, () => new Uint8Array(STATUS_LIST_BYTES))
  await withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<[number, number, number]>({
      text: 'select list, index, status from status_entry',
      rowMode: 'array',
    })
    for (const [list, index, status] of rows) {
      const some = bits[list]
      if (some !== undefined) setEntry(some, index, status === 1 ? 1 : 2)
    }
  })
  return bits
}

/** Random entries, each once, with another value than they have; the bits follow. */
function flip(bits: readonly Uint8Array[], random: (below: number) => number): StatusChange[] {
  const changes = new Map<string, StatusChange>()
  while (changes.size < FLIPS) {
    const list = random(bits.length)
    const index = random(STATUS_LIST_SIZE)
    const some = bits[list]
    if (some === undefined || changes.has(`${list}/${index}`)) continue
    const value = entryAt(some, index) === 0 ? 1 : 0
    setEntry(some, index, value)
    changes.set(`${list}/${index}`, changeOf(list, index, value))
  }
  return [...changes.values()]
}

function changeOf(list: number, index: number, value: 0 | 1): StatusChange {
  const subject = buildCode({
    prefix: HOME_PREFIX,
    provider: asProviderNumber(1),
    requester: asRequesterNumber(42),
    ontology: asOntologyNumber(list + 1),
    instance: asInstanceNumber(index + 1),
  })
  return { subject, status: { list, index }, value, at: new Date(), logName: subject.text }
}

const deflateInPool = promisify<Uint8Array, ZlibOptions, Buffer>(deflate)

async function deflateAll(bits: readonly Uint8Array[], how: ZlibOptions): Promise<number> {
  const from = performance.now()
  const next = bits.values()
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (const some of next) await deflateInPool(some, how)
  })
  await Promise.all(workers)
  return FLIPS / ((performance.now() - from) / 1000)
}
