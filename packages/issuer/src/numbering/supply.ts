import type { Level } from '@arc3088/codec'
import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { leaseStatusBlock, STATUS_LIST_ENTRIES } from '../status/status-list.store.ts'
import { createLeasedPool, type LeasedPool } from './leased-pool.ts'
import { leaseNumberBlock } from './numbering.store.ts'
import { SCRAMBLE_KEY_BYTES, scrambleBlock } from './scramble.ts'

/** A place in a status list, before it has an address. */
export interface StatusIndex {
  readonly list: number
  readonly index: number
}

/**
 * What one batch may use: numbers and status indexes leased beforehand, so that no transaction ever waits for
 * a counter. Closing it gives back what was not drawn; what was drawn and not committed is burnt.
 */
export interface Draw extends Disposable {
  /** The next automatic number, or undefined when the plan had none left at the reserve. */
  number(): number | undefined
  status(): StatusIndex
}

/** Leases numbers and status indexes for one process. */
export interface Supply {
  reserve(level: Level, wanted: { numbers: number; statuses: number }): Promise<Draw>
}

/** Numbers leased at once. The fewer assignments a level sees, the fewer numbers a restart should cost. */
const LEASE_COUNT: Readonly<Record<Level, number>> = {
  provider: 1,
  requester: 16,
  ontology: 64,
  instance: 2048,
}

/**
 * Builds the supply. `leaseDb` needs a connection of its own: a lease taken while every pooled connection
 * waits for one would never come.
 */
export function createSupply(leaseDb: Kysely<IssuerTables>, ambient: Ambient): Supply {
  const processId = ambient.newId()
  const pools = new Map<Level, { numbers: LeasedPool<number>; statuses: LeasedPool<StatusIndex> }>()

  const leaseNumbers = async (level: Level): Promise<number[]> => {
    const block = await leaseNumberBlock(leaseDb, {
      id: ambient.newId(),
      level,
      count: LEASE_COUNT[level],
      processId,
      leasedAt: ambient.now(),
    })
    if (block === undefined) return []
    const { first, size, position, count, scrambleKey } = block
    const offsets =
      scrambleKey === null
        ? Array.from({ length: count }, (_, i) => position + i)
        : scrambleBlock(scrambleKey, size, position, count)
    return offsets.map((offset) => first + offset)
  }

  const leaseStatuses = async (level: Level): Promise<StatusIndex[]> => {
    const { list, scrambleKey, position, count } = await leaseStatusBlock(leaseDb, {
      level,
      count: LEASE_COUNT[level],
      newScrambleKey: () => ambient.randomBytes(SCRAMBLE_KEY_BYTES),
      openedAt: ambient.now(),
    })
    return scrambleBlock(scrambleKey, STATUS_LIST_ENTRIES, position, count).map((index) => ({ list, index }))
  }

  const poolsOf = (level: Level) => {
    const known = pools.get(level)
    if (known !== undefined) return known
    const made = {
      numbers: createLeasedPool(() => leaseNumbers(level)),
      statuses: createLeasedPool(() => leaseStatuses(level)),
    }
    pools.set(level, made)
    return made
  }

  return {
    async reserve(level, wanted) {
      const { numbers, statuses } = poolsOf(level)
      const [freeNumbers, freeStatuses] = await Promise.all([
        numbers.take(wanted.numbers),
        statuses.take(wanted.statuses),
      ])
      return {
        number: () => freeNumbers.shift(),
        status() {
          const next = freeStatuses.shift()
          if (next === undefined) throw new Error('More status indexes were drawn than were reserved')
          return next
        },
        [Symbol.dispose]() {
          numbers.giveBack(freeNumbers)
          statuses.giveBack(freeStatuses)
        },
      }
    },
  }
}
