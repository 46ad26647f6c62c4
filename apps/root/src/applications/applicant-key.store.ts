import type { PublicJwk } from '@arc3088/records'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/**
 * Claims the federation keys of an application, until {@link releaseKeys}. Answers the first that another application has,
 * open or approved; of two that claim one key at once, the second waits for the first and then loses.
 */
export async function claimKeys(
  tx: Transaction<RootTables>,
  applicationId: string,
  keys: readonly PublicJwk[],
): Promise<string | undefined> {
  const kids = keys.map((key) => key.kid).toSorted()
  await tx
    .insertInto('application_key')
    .values(kids.map((kid) => ({ kid, application_id: applicationId })))
    .onConflict((conflict) => conflict.column('kid').doNothing())
    .execute()
  const other = await tx
    .selectFrom('application_key')
    .select('kid')
    .where('kid', 'in', kids)
    .where('application_id', '<>', applicationId)
    .orderBy('kid')
    .executeTakeFirst()
  return other?.kid
}

/** Gives up the keys of an application that came to nothing, or that brings others. */
export async function releaseKeys(tx: Transaction<RootTables>, applicationId: string): Promise<void> {
  await tx.deleteFrom('application_key').where('application_id', '=', applicationId).execute()
}

/** Whose keys are looked at, and which. */
export interface KeysAtHand {
  readonly entityId: string
  readonly keys: readonly PublicJwk[]
  /** Keys of this root that no database knows: those of its published key sets. */
  readonly ofRoot: ReadonlySet<string>
}

/**
 * The first key that is known as somebody else's: this root's own of any purpose, an officer's, another applicant's, or
 * another provider's of any purpose, its log's included. Whoever signs for one entity must not be able to sign for another. Undefined where all are new,
 * or the entity's own.
 */
export async function findForeignKey(
  db: Kysely<RootTables>,
  { entityId, keys, ofRoot }: KeysAtHand,
): Promise<string | undefined> {
  for (const { kid, crv, x } of keys) {
    if (ofRoot.has(kid)) return kid
    const named = JSON.stringify([{ kid }])
    const material = crv === 'Ed25519' ? vkeyMaterial(x) : null
    const { rows } = await sql<{ known: boolean }>`
      select exists (select from key where kid = ${kid})
        or exists (select from officer_key where kid = ${kid})
        or exists (
          select from application_key join provider_application on provider_application.id = application_id
          where kid = ${kid} and provider_application.entity_id <> ${entityId}
        )
        or exists (
          select from provider_key join provider on provider.code = provider_key.provider
          where provider_key.kid = ${kid} and provider.entity_id <> ${entityId}
        )
        or exists (
          select from provider where entity_id <> ${entityId} and (
            federation_jwks @> ${named}::jsonb
            or exists (
              select from jsonb_array_elements_text(tlog -> 'vkeys') as vkey where right(vkey, 44) = ${material}::text
            )
          )
        ) as known`.execute(db)
    if (rows[0]?.known === true) return kid
  }
  return undefined
}

/** As a vkey ends: base64 of the algorithm's byte, 1 for Ed25519, and the 32 bytes of the key (signed-note). */
function vkeyMaterial(x: string): string {
  const bytes = [1, ...Buffer.from(x, 'base64url')]
  return Buffer.from(bytes).toString('base64')
}
