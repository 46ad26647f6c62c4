import { EMPTY_ROOT } from '@arc3088/tlog'
import { sql, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** The largest tree of a log that this node vouched for; the empty tree before the first. */
export interface WitnessedTree {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly note: string | undefined
  readonly cosignedAt: Date | undefined
}

/** Two notes of one log that cannot both be true. */
export interface ForkEvidence {
  readonly origin: string
  readonly size: number
  readonly rootKnown: Uint8Array
  readonly rootNew: Uint8Array
  readonly noteKnown: string
  readonly noteNew: string
  readonly seenAt: Date
}

/** One pair proves a lie. More are kept so that its shape can be seen, but no log can fill the table. */
const FORKS_KEPT_MAX = 16
/** A log that forks at every size it comes to is no better known by all of them. */
const FORKS_OF_LOG_KEPT_MAX = 64

/**
 * Reads what is known of a log and holds it until the transaction ends. The row is made where there is none, so that
 * two first checkpoints of one log meet here too and do not both see nothing.
 */
export async function lockWitnessedTree(
  tx: Transaction<IssuerTables>,
  origin: string,
): Promise<WitnessedTree> {
  const known = await selectForUpdate(tx, origin)
  if (known !== undefined) return known
  await tx
    .insertInto('witnessed_log')
    .values({ origin, size: 0, root: EMPTY_ROOT, note: null, cosigned_at: null })
    .onConflict((conflict) => conflict.column('origin').doNothing())
    .execute()
  const made = await selectForUpdate(tx, origin)
  if (made === undefined) throw new Error(`The row of ${origin} was neither made nor found`)
  return made
}

async function selectForUpdate(
  tx: Transaction<IssuerTables>,
  origin: string,
): Promise<WitnessedTree | undefined> {
  const row = await tx
    .selectFrom('witnessed_log')
    .selectAll()
    .where('origin', '=', origin)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { size, root, note, cosigned_at: cosignedAt } = row
  return { origin, size, root, note: note ?? undefined, cosignedAt: cosignedAt ?? undefined }
}

/** Writes the tree that is about to be cosigned. The database refuses one that takes an earlier one back. */
export async function updateWitnessedTree(
  tx: Transaction<IssuerTables>,
  tree: { origin: string; size: number; root: Uint8Array; note: string; cosignedAt: Date },
): Promise<void> {
  await tx
    .updateTable('witnessed_log')
    .set({ size: tree.size, root: tree.root, note: tree.note, cosigned_at: tree.cosignedAt })
    .where('origin', '=', tree.origin)
    .execute()
}

/** Keeps the proof that a log forked; the same fork again changes nothing. Call it with the origin's row locked. */
export async function insertForkEvidence(
  tx: Transaction<IssuerTables>,
  evidence: ForkEvidence,
): Promise<void> {
  const { origin, size, rootKnown, rootNew, noteKnown, noteNew, seenAt } = evidence
  await sql`
    insert into fork_evidence (origin, size, root_known, root_new, note_known, note_new, seen_at)
    select ${origin}::text, ${size}::bigint, ${rootKnown}::bytea, ${rootNew}::bytea, ${noteKnown}::text,
      ${noteNew}::text, ${seenAt}::timestamptz
    where (select count(*) from fork_evidence where origin = ${origin} and size = ${size}) < ${FORKS_KEPT_MAX}
      and (select count(*) from fork_evidence where origin = ${origin}) < ${FORKS_OF_LOG_KEPT_MAX}
    on conflict (origin, size, root_new) do nothing`.execute(tx)
}
