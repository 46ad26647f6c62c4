import type { FindTokenHolder, Principal } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { readApiToken, readOperator } from './operator.store.ts'

/** Reads who a principal of some kind is now; undefined when it may no longer act. */
export type ReadPrincipal = (id: string) => Promise<Principal | undefined>

/** Finds who holds a token: an operator, or a principal of a kind that the app adds. */
export function createTokenFinder(
  db: Kysely<IssuerTables>,
  otherKinds: Readonly<Record<string, ReadPrincipal>> = {},
): FindTokenHolder {
  const readOperatorPrincipal: ReadPrincipal = async (id) => {
    const operator = await readOperator(db, id)
    return operator === undefined ? undefined : { kind: 'operator', id: operator.id, roles: [operator.role] }
  }
  const readers: Readonly<Record<string, ReadPrincipal>> = { ...otherKinds, operator: readOperatorPrincipal }
  return async (tokenId) => {
    const token = await readApiToken(db, tokenId)
    if (token === undefined) return undefined
    const principal = await readers[token.principalKind]?.(token.principalId)
    return principal === undefined
      ? undefined
      : { secretHash: token.secretHash, expiresAt: token.expiresAt, principal }
  }
}
