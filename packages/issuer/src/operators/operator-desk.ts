import { RegistryError } from '@arc3088/problems'
import type { Ambient, PermissionTable, Principal } from '@arc3088/service'
import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { lockOperator, type Operator } from './operator.store.ts'
import { readToken } from './token.store.ts'

/** What the use cases on operators, tokens and sessions are given, at any node. */
export interface OperatorDesk {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly entityId: string
  /** Action × role of the node. */
  readonly permissions: PermissionTable
  /** What was revoked stops working in this process at once; elsewhere, within `TOKEN_CACHE_SECONDS`. */
  readonly authenticate: { forget(): void }
  /** Whether a session may be begun with a key that stands in the table: where officers decide, only by those of their set. */
  mayBeginWith(key: { kid: string; role: string }): Promise<boolean>
}

/**
 * Finds that whoever asks may still ask, and holds the row: the answer of a lookup may be a few seconds old, and what lasts
 * longer than that must not be made with a token that is revoked. @throws RegistryError `unauthenticated`
 */
export async function demandStanding(
  tx: Transaction<IssuerTables>,
  { id, credential }: Principal,
): Promise<Operator> {
  const operator = await lockOperator(tx, id)
  const token = credential === undefined ? undefined : await readToken(tx, credential.id)
  if (operator === undefined || operator.disabledAt !== null || token === undefined || token.isRevoked)
    throw new RegistryError('unauthenticated', 'The API token is unknown or revoked')
  return operator
}
