import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { FeedSegment } from './segment-plan.ts'

/** The segments that end after `after`, in order. */
export async function readSegments(db: Kysely<IssuerTables>, after: number): Promise<FeedSegment[]> {
  return await db
    .selectFrom('feed_segment')
    .select(['first', 'last', 'digest', 'bytes'])
    .where('last', '>', after)
    .orderBy('last')
    .orderBy('first')
    .execute()
}

/** One segment by its ends. */
export async function readSegment(
  db: Kysely<IssuerTables>,
  { first, last }: { first: number; last: number },
): Promise<FeedSegment | undefined> {
  return await db
    .selectFrom('feed_segment')
    .select(['first', 'last', 'digest', 'bytes'])
    .where('last', '=', last)
    .where('first', '=', first)
    .executeTakeFirst()
}

/** Notes a segment. @throws Error where another process noted it with another digest: then the log is not one. */
export async function insertSegment(
  db: Kysely<IssuerTables>,
  segment: FeedSegment,
  madeAt: Date,
): Promise<void> {
  const { first, last } = segment
  const inserted = await db
    .insertInto('feed_segment')
    .values({ ...segment, made_at: madeAt })
    .onConflict((conflict) => conflict.columns(['last', 'first']).doNothing())
    .returning('first')
    .executeTakeFirst()
  if (inserted !== undefined) return
  const stored = await readSegment(db, segment)
  if (stored === undefined || Buffer.compare(stored.digest, segment.digest) !== 0)
    throw new Error(`the changes ${first} to ${last} are not what they were when their digest was made`)
}
