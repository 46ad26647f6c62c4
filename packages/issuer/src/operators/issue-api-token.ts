import { hashTokenSecret, mintApiToken, type Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { insertApiToken, type NewToken } from './token.store.ts'

/** What a token may be besides whose it is. */
export type TokenExtra = Pick<NewToken, 'kind' | 'label' | 'scopes' | 'keyId'>

/** Makes a token for a principal and answers its text, which is shown once and stored nowhere. */
export async function issueApiToken(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  holder: { kind: string; id: string; expiresAt: Date | null },
): Promise<string> {
  return (await issueCredential(tx, ambient, { owner: holder, expiresAt: holder.expiresAt })).text
}

/** Makes a token of any kind: its id, which may be told, and its text, which is shown once. */
export async function issueCredential(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  wanted: Pick<NewToken, 'owner' | 'expiresAt'> & TokenExtra,
): Promise<{ id: string; text: string; createdAt: Date }> {
  const { id, secret, text } = mintApiToken((length) => ambient.randomBytes(length))
  const createdAt = ambient.now()
  await insertApiToken(tx, { ...wanted, id, secretHash: hashTokenSecret(secret), createdAt })
  return { id, text, createdAt }
}
