import { ageSeconds, type DecisionBook } from '@arc3088/issuer'
import type { Ambient, MetricSource, Reading } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import { readDeskFigures } from './root-figures.store.ts'

/** What figures of a root are read from. */
export interface FiguredRoot {
  readonly db: Kysely<RootTables>
  readonly ambient: Pick<Ambient, 'now'>
  readonly decisions: Pick<DecisionBook, 'countUnproven'>
  /** When the newest key set ends, in seconds since 1970. */
  readonly keySetExpiresAt: () => number
}

/** The figures that a root tells beside those of every issuing node. */
export function rootFigures({ db, ambient, decisions, keySetExpiresAt }: FiguredRoot): MetricSource[] {
  return [
    {
      name: 'key-set',
      read: () =>
        Promise.resolve([
          { name: 'arc3088_root_key_set_expires_timestamp_seconds', value: keySetExpiresAt() },
        ]),
    },
    {
      name: 'decisions',
      read: async () => [{ name: 'arc3088_decisions_unproven', value: await decisions.countUnproven() }],
    },
    { name: 'desk', read: async () => await readDesk(db, ambient.now()) },
  ]
}

async function readDesk(db: Kysely<RootTables>, now: Date): Promise<Reading[]> {
  const { pending, nextExpiry, deliveries, oldestDeliveryAt } = await readDeskFigures(db, now)
  return [
    { name: 'arc3088_proposals_pending', value: pending },
    ...(nextExpiry === null ? [] : [{ name: EXPIRES, value: Math.floor(nextExpiry.getTime() / 1000) }]),
    { name: 'arc3088_deliveries_waiting', value: deliveries },
    { name: 'arc3088_delivery_oldest_age_seconds', value: ageSeconds(now, oldestDeliveryAt) },
  ]
}

const EXPIRES = 'arc3088_proposal_expires_timestamp_seconds' as const
