import type { Level } from '@arc3088/codec'
import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Journal } from '../journal/journal.ts'
import type { JournalMarks } from '../journal/journal-marks.ts'
import type { SettableWriteGate } from '../journal/write-gate.ts'
import { leaseStatusBlock, STATUS_LIST_ENTRIES } from '../status/status-list.store.ts'
import { createLeasedPool, type BlockSizes, type LeasedBlock, type LeasedPool } from './leased-pool.ts'
import { leaseNumberBlock } from './numbering.store.ts'
import { SCRAMBLE_KEY_BYTES, scrambleBlock } from './scramble.ts'

/** A place in a status list, before it has an address. */
export interface StatusIndex {
  readonly list: number
  readonly index: number
}

/** What one batch is about to use. */
export interface Wanted {
  /** Automatic numbers for requests that name no business type. */
  readonly numbers: number
  readonly statuses: number
  /** Automatic numbers by business type. */
  readonly ofBusinessType?: ReadonlyMap<string, number>
}

/**
 * What one batch may use: numbers and status indexes leased beforehand, so that no transaction ever waits for
 * a counter. Closing it gives back what was not drawn; what was drawn and not committed is burnt.
 */
export interface Draw extends Disposable {
  /** The next automatic number, or undefined when the plan had none left at the reserve. */
  number(businessType?: string): number | undefined
  status(): StatusIndex
}

/** Leases numbers and status indexes for one process. */
export interface Supply {
  reserve(level: Level, wanted: Wanted): Promise<Draw>
  /** Forgets what is leased of ranges that may have been closed. */
  planChanged(): void
  /** What is leased and not drawn, by what was ever asked for. */
  left(): readonly LeasedNumbers[]
}

/** Numbers that one process has leased and not used. */
export interface LeasedNumbers {
  readonly level: Level
  readonly businessType?: string | undefined
  readonly left: number
}

/** Where leases are told of before they are used, and the gate that is shut where one was given before. */
export interface LeaseKeeping {
  readonly journal: Pick<Journal, 'lease' | 'range'> & { readonly marks: JournalMarks }
  readonly gate: Pick<SettableWriteGate, 'shut' | 'demandWritable'>
}

/** Numbers leased at once: at 10,000 a second the largest lasts for seconds. */
const NUMBER_BLOCKS: Readonly<Record<Level, BlockSizes>> = {
  provider: { least: 1, most: 1 },
  requester: { least: 16, most: 1024 },
  ontology: { least: 64, most: 4096 },
  instance: { least: 2048, most: 65_536 },
}
/** A list has 131,072 entries, and what a process leaves of a block is lost. */
const STATUS_BLOCKS: Readonly<Record<Level, BlockSizes>> = {
  provider: { least: 1, most: 1 },
  requester: { least: 16, most: 1024 },
  ontology: { least: 64, most: 4096 },
  instance: { least: 2048, most: 16_384 },
}

const NO_BUSINESS_TYPES: ReadonlyMap<string, number> = new Map()

/**
 * Builds the supply. `leaseDb` needs a connection of its own: a lease taken while every pooled connection
 * waits for one would never come. A lease is committed, then journaled, then used.
 */
export function createSupply(
  leaseDb: Kysely<IssuerTables>,
  ambient: Ambient,
  { journal, gate }: LeaseKeeping,
): Supply {
  const processId = ambient.newId()
  const numberPools = new Map<string, NumberPool>()
  const statusPools = new Map<Level, LeasedPool<StatusIndex>>()
  const toldRanges = new Set<string>()
  const now = () => ambient.now()

  const leaseNumbers = async (
    level: Level,
    businessType: string | undefined,
    count: number,
  ): Promise<LeasedBlock<number> | undefined> => {
    gate.demandWritable()
    const lease = { id: ambient.newId(), level, businessType, count, processId, leasedAt: now() }
    const block = await leaseNumberBlock(leaseDb, lease)
    ambient.reached('lease:committed')
    if (block === undefined) return undefined
    const { range, position } = block
    demandNew(gate, journal.marks.leases.get(range.id) ?? 0, position, `range ${range.name}`)
    const told = toldRanges.has(range.id) ? [] : [journal.range(range)]
    toldRanges.add(range.id)
    await Promise.all([...told, journal.lease({ rangeId: range.id, upTo: position + block.count })])
    ambient.reached('lease:journaled')
    const { scrambleKey, first, last } = range
    return {
      count: block.count,
      values: (from, some) =>
        scrambleKey === null
          ? Array.from({ length: some }, (_, nth) => first + position + from + nth)
          : scrambleBlock(scrambleKey, last - first + 1, position + from, some).map((value) => first + value),
    }
  }

  const leaseStatuses = async (level: Level, count: number): Promise<LeasedBlock<StatusIndex>> => {
    gate.demandWritable()
    const newScrambleKey = () => ambient.randomBytes(SCRAMBLE_KEY_BYTES)
    const block = await leaseStatusBlock(leaseDb, { level, count, newScrambleKey, openedAt: now() })
    const { list, scrambleKey, position } = block
    demandNew(gate, journal.marks.lists.get(list)?.upTo ?? 0, position, `status list ${list}`)
    await journal.lease({ statusList: list, level, upTo: position + block.count })
    return {
      count: block.count,
      values: (from, some) =>
        scrambleBlock(scrambleKey, STATUS_LIST_ENTRIES, position + from, some).map((index) => {
          return { list, index }
        }),
    }
  }

  const numbersOf = (level: Level, businessType?: string): LeasedPool<number> =>
    remember(numberPools, `${level} ${businessType ?? ''}`, () => ({
      level,
      businessType,
      pool: createLeasedPool({
        lease: (count) => leaseNumbers(level, businessType, count),
        sizes: NUMBER_BLOCKS[level],
        now,
      }),
    })).pool
  const statusesOf = (level: Level): LeasedPool<StatusIndex> =>
    remember(statusPools, level, () =>
      createLeasedPool({ lease: (count) => leaseStatuses(level, count), sizes: STATUS_BLOCKS[level], now }),
    )

  return {
    async reserve(level, { numbers, statuses, ofBusinessType = NO_BUSINESS_TYPES }) {
      const [plain, places, ...typed] = await Promise.all([
        numbersOf(level).take(numbers),
        statusesOf(level).take(statuses),
        ...[...ofBusinessType].map(async ([type, count]) => {
          return { type, taken: await numbersOf(level, type).take(count) }
        }),
      ])
      return {
        number: (businessType) =>
          businessType === undefined
            ? plain.next()
            : typed.find(({ type }) => type === businessType)?.taken.next(),
        status() {
          const next = places.next()
          if (next === undefined) throw new Error('More status indexes were drawn than were reserved')
          return next
        },
        [Symbol.dispose]() {
          for (const taken of [plain, places, ...typed.map((one) => one.taken)]) taken.giveBack()
        },
      }
    },
    planChanged() {
      for (const { pool } of numberPools.values()) pool.clear()
    },
    left: () =>
      [...numberPools.values()].map(({ level, businessType, pool }) => {
        return { level, businessType, left: pool.left() }
      }),
  }
}

interface NumberPool {
  readonly level: Level
  readonly businessType: string | undefined
  readonly pool: LeasedPool<number>
}

/**
 * A position that the journal has seen leased can only come again from a database that was put back under a running
 * node. What was leased is thrown away and the gate is shut; the restore check of the next start says more.
 */
function demandNew(gate: LeaseKeeping['gate'], upTo: number, position: number, where: string): void {
  if (position >= upTo) return
  gate.shut(
    `the database leased position ${position} of ${where} again; the journal has leases up to ${upTo}`,
  )
  gate.demandWritable()
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
