import { hashTokenSecret, mintApiToken, type Ambient } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { insertApiToken } from './operator.store.ts'

/** Makes a token for a principal and answers its text, which is shown once and stored nowhere. */
export async function issueApiToken(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  holder: { kind: string; id: string; expiresAt: Date | null },
): Promise<string> {
  const token = mintApiToken((length) => ambient.randomBytes(length))
  await insertApiToken(tx, {
    id: token.id,
    secretHash: hashTokenSecret(token.secret),
    principalKind: holder.kind,
    principalId: holder.id,
    createdAt: ambient.now(),
    expiresAt: holder.expiresAt,
  })
  return token.text
}
