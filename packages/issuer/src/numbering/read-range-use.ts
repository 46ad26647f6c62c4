import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { PACE_DAYS } from './forecast.ts'
import { readRangeUse, type RangeUse } from './numbering.store.ts'

const DAY_MILLISECONDS = 86_400_000

/** Reads how far every range is used, with the pace of the last days. */
export async function readRecentRangeUse(db: Kysely<IssuerTables>, now: Date): Promise<RangeUse[]> {
  return await readRangeUse(db, new Date(now.getTime() - PACE_DAYS * DAY_MILLISECONDS))
}
