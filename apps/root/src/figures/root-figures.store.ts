import { sql, type Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** What waits for people, and for other roots. */
export interface DeskFigures {
  readonly pending: number
  readonly nextExpiry: Date | null
  readonly deliveries: number
  readonly oldestDeliveryAt: Date | null
}

/** Counts what is pending at an instant; what has expired and nobody looked at since is not. */
export async function readDeskFigures(db: Kysely<RootTables>, at: Date): Promise<DeskFigures> {
  const { rows } = await sql<DeskFigures>`
    select proposals.pending, proposals."nextExpiry", told.deliveries, told."oldestDeliveryAt"
    from (
      select count(*) as pending, min(expires_at) as "nextExpiry" from proposal
      where state = 'pending' and expires_at > ${at}::timestamptz
    ) proposals,
    (
      select count(*) as deliveries, min(created_at) as "oldestDeliveryAt" from agreement_delivery
      where delivered_at is null
    ) told`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('The database answered without figures')
  return row
}
