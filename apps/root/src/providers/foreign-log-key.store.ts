import { encodeBase64url, thumbprint, type OwnLog } from '@arc3088/records'
import { parseVkey } from '@arc3088/tlog'
import { sql, type Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** A vkey ends in base64 of its algorithm and its 32 bytes (signed-note, Verifier keys). */
const MATERIAL_LENGTH = 44

/**
 * The first key of a log that is known as somebody else's: this root's own, or another provider's of any purpose. A vkey
 * is named without a proof that its private half is there; named as a witness, a key of another would count for two, and
 * one that signs something else would make every chain it stands in look like one that shares keys between purposes.
 * Undefined where all are its own; `entityId` is whose log it is.
 */
export async function findForeignLogKey(
  db: Kysely<RootTables>,
  entityId: string,
  log: OwnLog,
): Promise<string | undefined> {
  for (const vkey of log.vkeys) {
    const publicKey = parseVkey(vkey)?.publicKey
    if (publicKey === undefined) continue
    const kid = await thumbprint({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(publicKey) })
    const material = vkey.slice(-MATERIAL_LENGTH)
    const named = JSON.stringify([{ kid }])
    const { rows } = await sql<{ known: boolean }>`
      select exists (select from key where kid = ${kid})
        or exists (
          select from provider_key join provider on provider.code = provider_key.provider
          where provider_key.kid = ${kid} and provider.entity_id <> ${entityId}
        )
        or exists (
          select from provider where entity_id <> ${entityId} and (
            federation_jwks @> ${named}::jsonb
            or exists (select from jsonb_array_elements_text(tlog -> 'vkeys') as vkey where right(vkey, ${MATERIAL_LENGTH}) = ${material})
          )
        ) as known`.execute(db)
    if (rows[0]?.known === true) return vkey
  }
  return undefined
}
