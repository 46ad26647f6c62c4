import { readAssignmentRecord, type CompactJws } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'

import type { IssuerTables } from '../db/tables.ts'
import { keepWitnessedBy, readTermEnd } from './log-checkpoint.store.ts'

/** When an entity served this database that serves it no more, as the root states it (wire-format W2). */
export interface ServedTerm {
  readonly entityId: string
  /** Seconds since 1970, both inclusive. */
  readonly from: number
  readonly until: number
}

/** Which checkpoint proves what was signed by an entity that serves no more. */
export interface EndedTerms {
  /**
   * The size of the newest checkpoint that was witnessed within the term of the record's issuer (wire-format W2), 0
   * where none is there; undefined for a record by whoever serves now.
   */
  checkpointOfTerm(record: CompactJws): Promise<number | undefined>
}

/** Checkpoints of a term that is over do not change, but for one that is witnessed at this moment. */
const ENDS_KEPT_MILLISECONDS = 1000
const ENDS_KEPT_MAX = 64

/** Builds the memory of one process. Nothing is read where nobody served before. */
export function createEndedTerms(parts: {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Pick<Ambient, 'now'>
  readonly predecessors: () => readonly ServedTerm[]
}): EndedTerms {
  const ends = new LRUCache<string, { size: Promise<number>; readAt: number }>({ max: ENDS_KEPT_MAX })

  function endOf({ from, until }: ServedTerm): Promise<number> {
    const name = `${from}-${until}`
    const now = parts.ambient.now().getTime()
    const known = ends.get(name)
    if (known !== undefined && Math.abs(now - known.readAt) <= ENDS_KEPT_MILLISECONDS) return known.size
    const size = readTermEnd(parts.db, { from: new Date(from * 1000), until: new Date(until * 1000) })
    ends.set(name, { size, readAt: now })
    size.catch(() => ends.delete(name))
    return size
  }

  return {
    async checkpointOfTerm(record) {
      const terms = parts.predecessors()
      if (terms.length === 0) return undefined
      const read = readAssignmentRecord(record)
      if (read.kind === 'rejected') throw new Error(`A stored record is not one: ${read.detail}`)
      const term = terms.find(({ entityId }) => entityId === read.claims.iss)
      return term === undefined ? undefined : await endOf(term)
    },
  }
}

/** Keeps the last checkpoint of every term for ever: what was signed in it can be proved against no later one. */
export async function keepTermEnds(db: Kysely<IssuerTables>, terms: readonly ServedTerm[]): Promise<void> {
  for (const { until } of terms) await keepWitnessedBy(db, new Date(until * 1000))
}
