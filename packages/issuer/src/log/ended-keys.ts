import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { readKeyEnds } from './log-checkpoint.store.ts'

/** What is known of ended keys may be so old; keys end a few times a year. */
const ENDED_AGE_MS_MAX = 1000

/** Which checkpoint proves what a key signed that signs no more. */
export interface EndedKeys {
  /**
   * The size of the newest checkpoint that was witnessed within the life of the key (wire-format W8), 0 where none is
   * there any more; undefined for a key that has not ended, of which the newest checkpoint proves everything.
   */
  checkpointOf(kid: string): Promise<number | undefined>
}

/** Builds the memory of one process; those who ask at once share a query. */
export function createEndedKeys(parts: {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Pick<Ambient, 'now'>
}): EndedKeys {
  let known: { sizes: Promise<ReadonlyMap<string, number>>; readAt: number } | undefined
  return {
    async checkpointOf(kid) {
      const now = parts.ambient.now().getTime()
      if (known === undefined || Math.abs(now - known.readAt) > ENDED_AGE_MS_MAX) {
        const mine = { sizes: readKeyEnds(parts.db), readAt: now }
        known = mine
        mine.sizes.catch(() => {
          if (known === mine) known = undefined
        })
      }
      return (await known.sizes).get(kid)
    },
  }
}
