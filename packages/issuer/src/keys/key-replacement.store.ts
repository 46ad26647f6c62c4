import type { PublicJwk } from '@arc3088/records'
import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { HeldKey } from './key-driver.ts'
import type { KeyActor } from './key-parts.ts'

/** A federation key that waits for the root's decision; this node tells nobody of it. */
export interface KeyReplacement {
  readonly kid: string
  readonly jwk: PublicJwk
  /** Where the private half is, in the words of the driver. */
  readonly ref: string
  readonly preparedAt: Date
}

/** Reads every replacement that was ever prepared, newest first: those that came into use, too. */
export async function readReplacements(db: Kysely<IssuerTables>): Promise<KeyReplacement[]> {
  const rows = await db
    .selectFrom('key_replacement')
    .select(['kid', 'jwk', 'key_ref', 'prepared_at'])
    .orderBy('prepared_at', 'desc')
    .orderBy('kid')
    .execute()
  return rows.map(({ kid, jwk, key_ref: ref, prepared_at: preparedAt }) => ({ kid, jwk, ref, preparedAt }))
}

/** Keeps a prepared key, for ever. */
export async function insertReplacement(
  tx: Transaction<IssuerTables>,
  { held, at, actor, reason }: KeyActor & { held: HeldKey; at: Date },
): Promise<void> {
  await tx
    .insertInto('key_replacement')
    .values({
      kid: held.publicJwk.kid,
      jwk: JSON.stringify(held.publicJwk),
      key_ref: held.ref,
      actor,
      reason,
      prepared_at: at,
    })
    .execute()
}
