import { readKeyEndorsement, type KeyEndorsement, type KeyEvent } from '@arc3088/records'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { ProviderKey, ProviderKeyFacts, ProviderKeyStep } from './provider-key.ts'

type Tx = Transaction<RootTables>

/** Reads what a change of a key is judged by, beside the keys that the statement names. */
export async function readProviderKeyFacts(
  tx: Tx,
  provider: { code: number; kid: string },
): Promise<Omit<ProviderKeyFacts, 'federationKeys' | 'taken'>> {
  const known = await tx
    .selectFrom('provider_key')
    .select(['kid', 'provider', 'purpose', 'state'])
    .where((where) => where.or([where('provider', '=', provider.code), where('kid', '=', provider.kid)]))
    .execute()
  return {
    provider: provider.code,
    known: known.map((key): ProviderKey => ({ ...key })),
    isForeign: await isForeign(tx, provider),
  }
}

async function isForeign(tx: Tx, { code, kid }: { code: number; kid: string }): Promise<boolean> {
  const own = await tx.selectFrom('key').select('kid').where('kid', '=', kid).executeTakeFirst()
  if (own !== undefined) return true
  const applicants = await tx
    .selectFrom('application_key')
    .select('kid')
    .where('kid', '=', kid)
    .where('application_id', 'not in', (query) =>
      query.selectFrom('provider').select('application_id').where('code', '=', code),
    )
    .executeTakeFirst()
  if (applicants !== undefined) return true
  const named = JSON.stringify([{ kid }])
  const other = await tx
    .selectFrom('provider')
    .select('code')
    .where('code', '<>', code)
    .where(sql<boolean>`federation_jwks @> ${named}::jsonb`)
    .executeTakeFirst()
  return other !== undefined
}

/** Reads what was said of a key and an event by its own entity, and said again by this root. */
export async function readTakenSteps(
  tx: Tx,
  about: { readonly kid: string; readonly event: KeyEvent },
): Promise<KeyEndorsement[]> {
  const rows = await tx
    .selectFrom('key_endorsement')
    .select('jws')
    .where('kid', '=', about.kid)
    .where('event', '=', about.event)
    .where('endorses', 'is', null)
    .execute()
  return rows.flatMap(({ jws }) => {
    const read = readKeyEndorsement(jws)
    return read.kind === 'read' ? [read.claims] : []
  })
}

/** Writes how the key stands now. */
export async function writeProviderKeyStep(
  tx: Tx,
  key: Omit<ProviderKey, 'state'>,
  step: ProviderKeyStep,
  at: Date,
): Promise<void> {
  if (step.outgoing !== undefined) {
    await tx
      .updateTable('provider_key')
      .set({ state: 'outgoing', changed_at: at })
      .where('kid', '=', step.outgoing)
      .execute()
  }
  await tx
    .insertInto('provider_key')
    .values({ ...key, state: step.state, changed_at: at })
    .onConflict((conflict) => conflict.column('kid').doUpdateSet({ state: step.state, changed_at: at }))
    .execute()
}

/** The document that a request brought, by its id; undefined when the request is new. */
export async function readKeyRequest(
  db: Kysely<RootTables>,
  request: { provider: number; id: string },
): Promise<{ requestHash: string; documentHash: Uint8Array } | undefined> {
  const row = await db
    .selectFrom('provider_key_request')
    .select(['request_hash', 'document_hash'])
    .where('provider', '=', request.provider)
    .where('request_id', '=', request.id)
    .executeTakeFirst()
  return row === undefined
    ? undefined
    : { requestHash: row.request_hash, documentHash: new Uint8Array(row.document_hash) }
}

/** Notes which request brought a document. */
export async function insertKeyRequest(
  tx: Tx,
  request: { provider: number; id: string; hash: string; documentHash: Uint8Array; at: Date },
): Promise<void> {
  await tx
    .insertInto('provider_key_request')
    .values({
      provider: request.provider,
      request_id: request.id,
      request_hash: request.hash,
      document_hash: request.documentHash,
      received_at: request.at,
    })
    .execute()
}
