import type { KeyState } from '@arc3088/issuer'
import type { PublicJwk } from '@arc3088/records'
import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** True where a provider told of this key before, for whatever purpose, and however it ended. */
export async function isKeyTold(db: Kysely<RootTables>, kid: string): Promise<boolean> {
  const row = await db.selectFrom('provider_key').select('kid').where('kid', '=', kid).executeTakeFirst()
  return row !== undefined
}

/**
 * Ends all federation keys of a provider but those that are to stand on, also those it never told of singly, and begins
 * others: the first is active where none stands on.
 */
export async function replaceFederationKeys(
  tx: Transaction<RootTables>,
  provider: { readonly code: number; readonly federationKeys: readonly PublicJwk[] },
  change: { keys: readonly PublicJwk[]; ended: KeyState & ('compromised' | 'retired'); at: Date },
): Promise<void> {
  const { keys, ended, at } = change
  const standing = new Set(provider.federationKeys.map(({ kid }) => kid))
  const kept = keys.map(({ kid }) => kid).filter((kid) => standing.has(kid))
  const common = { provider: provider.code, purpose: 'federation' as const, changed_at: at }
  await tx
    .updateTable('provider_key')
    .set({ state: ended, changed_at: at })
    .where('provider', '=', provider.code)
    .where('purpose', '=', 'federation')
    .where('state', 'in', ['announced', 'active', 'outgoing'])
    .$if(kept.length > 0, (query) => query.where('kid', 'not in', kept))
    .execute()
  const old = provider.federationKeys
    .filter(({ kid }) => !kept.includes(kid))
    .map(({ kid }) => ({ ...common, kid, state: ended }))
  const fresh = keys
    .filter(({ kid }) => !kept.includes(kid))
    .map(({ kid }, nth): typeof common & { kid: string; state: KeyState } => {
      return { ...common, kid, state: nth === 0 && kept.length === 0 ? 'active' : 'announced' }
    })
  if (old.length + fresh.length === 0) return
  await tx
    .insertInto('provider_key')
    .values([...old, ...fresh])
    .onConflict((conflict) => conflict.column('kid').doNothing())
    .execute()
}
