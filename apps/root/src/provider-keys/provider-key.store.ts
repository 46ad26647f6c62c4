import type { KeyEvent, PublicJwk } from '@arc3088/records'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { ProviderKey, ProviderKeyFacts, ProviderKeyStep } from './provider-key.ts'

type Tx = Transaction<RootTables>

/** Holds a provider until the transaction ends: its keys change one at a time. */
export async function lockProvider(tx: Tx, provider: number): Promise<void> {
  await tx.selectFrom('provider').select('code').where('code', '=', provider).forUpdate().execute()
}

/** Reads what a change of a key is judged by. */
export async function readProviderKeyFacts(
  tx: Tx,
  provider: { code: number; kid: string },
): Promise<ProviderKeyFacts> {
  const row = await tx
    .selectFrom('provider')
    .select('federation_jwks')
    .where('code', '=', provider.code)
    .executeTakeFirstOrThrow()
  const known = await tx
    .selectFrom('provider_key')
    .select(['kid', 'provider', 'purpose', 'state'])
    .where((where) => where.or([where('provider', '=', provider.code), where('kid', '=', provider.kid)]))
    .execute()
  return {
    provider: provider.code,
    federationKeys: row.federation_jwks,
    known: known.map((key): ProviderKey => ({ ...key })),
    isForeign: await isForeign(tx, provider),
  }
}

async function isForeign(tx: Tx, { code, kid }: { code: number; kid: string }): Promise<boolean> {
  const own = await tx.selectFrom('key').select('kid').where('kid', '=', kid).executeTakeFirst()
  if (own !== undefined) return true
  const named = JSON.stringify([{ kid }])
  const other = await tx
    .selectFrom('provider')
    .select('code')
    .where('code', '<>', code)
    .where(sql<boolean>`federation_jwks @> ${named}::jsonb`)
    .executeTakeFirst()
  return other !== undefined
}

/** Writes how the key stands now, and the federation keys that the statement names from now on. */
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
  await writeFederationKeys(tx, key.provider, step.federationKeys)
}

async function writeFederationKeys(tx: Tx, provider: number, keys: readonly PublicJwk[]): Promise<void> {
  await tx
    .updateTable('provider')
    .set({ federation_jwks: JSON.stringify(keys) })
    .where('code', '=', provider)
    .execute()
}

/**
 * Changes the keys by which a provider's log is verified; nothing where no log is known. A retired one stays, for the
 * checkpoints that are kept; only a compromised one leaves, and never the last.
 */
export async function writeLogKey(
  tx: Tx,
  provider: number,
  change: { event: KeyEvent; vkey: string },
): Promise<void> {
  const row = await tx
    .selectFrom('provider')
    .select('tlog')
    .where('code', '=', provider)
    .executeTakeFirstOrThrow()
  if (row.tlog === null) return
  const vkeys = changeVkeys(row.tlog.vkeys, change)
  if (vkeys.length === 0) return
  await tx
    .updateTable('provider')
    .set({ tlog: JSON.stringify({ ...row.tlog, vkeys }) })
    .where('code', '=', provider)
    .execute()
}

/** The key that signs stands first: by it the provider cosigns, too. */
function changeVkeys(known: readonly string[], { event, vkey }: { event: KeyEvent; vkey: string }): string[] {
  const others = known.filter((each) => each !== vkey)
  if (event === 'compromise') return others
  return event === 'activate' ? [vkey, ...others] : [...others, vkey]
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
