import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Journal } from '../journal/journal.ts'
import { markPublished, readNewestCheckpoint, readShownCheckpoints } from './log-checkpoint.store.ts'
import { readEntries } from './log-entries.ts'
import { DRAIN_ENTRIES_MAX, type Drain } from './sequencer.ts'
import type { TileReader } from './tile-reader.ts'

/** Entries held for the journal at most; beyond, they are read back from the bundles. */
const HELD_ENTRIES_MAX = 8 * DRAIN_ENTRIES_MAX

/** Brings what is committed into the journal; from then on it may be shown. */
export interface Publisher {
  /** Hands over what was just committed, so that it need not be read again. */
  hold(drain: Drain): void
  /** The size now published, where there was something to publish: the newest checkpoint alone, older ones are skipped. */
  publish(): Promise<number | undefined>
}

export interface PublisherParts {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly journal: Pick<Journal, 'appended' | 'checkpoint'>
  readonly tiles: TileReader
}

/**
 * Builds the publisher of one term. Entries reach the journal in order and without a gap; after a crash some may reach
 * it a second time, with the same `from` and content.
 */
export function createPublisher({ db, ambient, journal, tiles }: PublisherParts): Publisher {
  let held: Drain[] = []
  let heldEntries = 0
  let published: number | undefined

  async function entriesFrom(
    from: number,
    to: number,
  ): Promise<{ from: number; entries: readonly string[] }> {
    const drain = held.find((candidate) => candidate.from === from)
    if (drain !== undefined && drain.size <= to) return { from, entries: drain.entries }
    const next = held.find((candidate) => candidate.from > from)?.from ?? to
    return { from, entries: await readEntries(tiles, from, Math.min(next, from + DRAIN_ENTRIES_MAX, to)) }
  }

  function forget(size: number): void {
    held = held.filter((drain) => drain.size > size)
    heldEntries = held.reduce((sum, { entries }) => sum + entries.length, 0)
  }

  return {
    hold(drain) {
      held.push(drain)
      heldEntries += drain.entries.length
      if (heldEntries > HELD_ENTRIES_MAX) forget(drain.size)
    },
    async publish() {
      published ??= (await readShownCheckpoints(db)).published?.size ?? 0
      const newest = await readNewestCheckpoint(db)
      if (newest === undefined || newest.size <= published) return undefined
      for (let from = published; from < newest.size;) {
        const appended = await entriesFrom(from, newest.size)
        await journal.appended(appended)
        from += appended.entries.length
      }
      await journal.checkpoint(newest.note)
      ambient.reached('publish:journaled')
      await markPublished(db, newest.size, ambient.now())
      published = newest.size
      forget(published)
      return published
    },
  }
}
