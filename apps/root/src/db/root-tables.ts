import type { IssuerTables } from '@arc3088/issuer'
import type { Transaction } from 'kysely'

import type { RootTables } from './tables.ts'

/** Sees a transaction of a root's database again as what it is, where shared code has handed it on as an issuer's. */
export function rootTables(tx: Transaction<IssuerTables>): Transaction<RootTables>
export function rootTables(tx: unknown): unknown {
  return tx
}
