import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { markKept, readShownCheckpoints } from '../log/log-checkpoint.store.ts'
import { createLogProofs } from '../log/log-proof.ts'
import { createTileReader } from '../log/tile-reader.ts'
import type { KeyLog } from './key-parts.ts'

/**
 * The node's own log as a command reads it beside the running node: nothing is appended here. `quorum` is what the
 * log is held to; where it is 0 there is nobody to wait for, and the newest checkpoint counts.
 */
export function openStoredKeyLog(db: Kysely<IssuerTables>, quorum: number): KeyLog {
  const proofs = createLogProofs(db, createTileReader(db))
  const readProven = async () => {
    const { published, witnessed } = await readShownCheckpoints(db)
    return quorum > 0 ? witnessed : published
  }
  return {
    async head() {
      const { published, witnessed } = await readShownCheckpoints(db)
      return {
        size: published?.size ?? 0,
        ...(witnessed === undefined ? {} : { witnessed: { size: witnessed.size } }),
      }
    },
    async proofOf(hash, { type }) {
      const checkpoint = await readProven()
      if (checkpoint === undefined) return undefined
      return (await proofs.prove([hash], type, checkpoint))[0]
    },
    async keepCheckpoint() {
      const checkpoint = await readProven()
      if (checkpoint === undefined) return undefined
      if (!(await markKept(db, checkpoint.size)))
        throw new Error(`the checkpoint of ${checkpoint.size} was pruned while it was the newest`)
      return { size: checkpoint.size, witnessedAt: checkpoint.witnessedAt ?? undefined }
    },
  }
}
