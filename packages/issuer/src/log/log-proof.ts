import type { LogEntryType } from '@arc3088/records'
import { formatProofsAgainst } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { createFoundEntries } from './found-entries.ts'
import type { TileReader } from './tile-reader.ts'
import { createTreeProofs } from './tree-proofs.ts'

/** The checkpoint that a proof is made against. */
export interface ProvenCheckpoint {
  readonly size: number
  readonly note: string
}

/** The proofs of one process, which remembers what it found and hashed. */
export interface LogProofs {
  /**
   * tlog-proofs (C2SP) that the records of these hashes stand in the tree of the checkpoint, in the order asked; undefined
   * for one that has no entry of the type in it. The entry itself is the `extra` of its proof: who has no log key learns
   * `c` from there. Where a record has several entries of the type, the first is proven.
   */
  prove(
    hashes: readonly Uint8Array[],
    type: LogEntryType,
    checkpoint: ProvenCheckpoint,
  ): Promise<(string | undefined)[]>
}

/** Builds them over a cache of tiles. */
export function createLogProofs(db: Kysely<IssuerTables>, tiles: TileReader): LogProofs {
  const tree = createTreeProofs(tiles)
  const entries = createFoundEntries({ db, tiles, tree })
  return {
    async prove(hashes, type, { size, note }) {
      const found = await entries.find(hashes, type, size)
      const proven = found.filter((entry) => entry !== undefined)
      if (proven.length === 0) return found.map(() => undefined)
      const paths = await tree.inclusions(
        proven.map(({ position }) => position),
        size,
      )
      const format = formatProofsAgainst(note)
      const next = paths.values()
      return found.map((entry) => {
        if (entry === undefined) return undefined
        return format({ index: entry.position, hashes: next.next().value ?? [], extra: entry.entry })
      })
    },
  }
}
