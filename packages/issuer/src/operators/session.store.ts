import type { PublicJwk } from '@arc3088/records'
import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'

/** Keeps a challenge, by its hash alone, and drops those that are over. */
export async function insertChallenge(
  tx: Transaction<IssuerTables>,
  challenge: { nonceHash: Uint8Array; expiresAt: Date; at: Date },
): Promise<void> {
  await tx.deleteFrom('session_challenge').where('expires_at', '<=', challenge.at).execute()
  await tx
    .insertInto('session_challenge')
    .values({ nonce_hash: challenge.nonceHash, expires_at: challenge.expiresAt })
    .execute()
}

/** Takes a challenge that is not over; false where there is none, so that each is answered once. */
export async function takeChallenge(
  tx: Transaction<IssuerTables>,
  nonceHash: Uint8Array,
  at: Date,
): Promise<boolean> {
  const row = await tx
    .deleteFrom('session_challenge')
    .where('nonce_hash', '=', nonceHash)
    .where('expires_at', '>', at)
    .returning('expires_at')
    .executeTakeFirst()
  return row !== undefined
}

/** An operator's own key, and whose it is. */
export async function readOwnKey(
  db: Kysely<IssuerTables>,
  kid: string,
): Promise<{ operator: string; jwk: PublicJwk } | undefined> {
  return await db
    .selectFrom('officer_key')
    .select(['operator', 'jwk'])
    .where('kid', '=', kid)
    .executeTakeFirst()
}
