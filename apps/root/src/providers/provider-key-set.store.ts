import type { KeyState } from '@arc3088/issuer'
import type { PublicJwk } from '@arc3088/records'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** True where a provider told of this key before, for whatever purpose, and however it ended. */
export async function isKeyTold(tx: Transaction<RootTables>, kid: string): Promise<boolean> {
  const row = await tx.selectFrom('provider_key').select('kid').where('kid', '=', kid).executeTakeFirst()
  return row !== undefined
}

/** Ends all federation keys of a provider, also those it never told of singly, and begins others: the first is active. */
export async function replaceFederationKeys(
  tx: Transaction<RootTables>,
  provider: { readonly code: number; readonly federationKeys: readonly PublicJwk[] },
  change: { keys: readonly PublicJwk[]; ended: KeyState & ('compromised' | 'retired'); at: Date },
): Promise<void> {
  const { keys, ended, at } = change
  const common = { provider: provider.code, purpose: 'federation' as const, changed_at: at }
  await tx
    .updateTable('provider_key')
    .set({ state: ended, changed_at: at })
    .where('provider', '=', provider.code)
    .where('purpose', '=', 'federation')
    .where('state', 'in', ['announced', 'active', 'outgoing'])
    .execute()
  const old = provider.federationKeys.map(({ kid }) => ({ ...common, kid, state: ended }))
  const fresh = keys.map(({ kid }, nth): typeof common & { kid: string; state: KeyState } => {
    return { ...common, kid, state: nth === 0 ? 'active' : 'announced' }
  })
  await tx
    .insertInto('provider_key')
    .values([...old, ...fresh])
    .onConflict((conflict) => conflict.column('kid').doNothing())
    .execute()
}
