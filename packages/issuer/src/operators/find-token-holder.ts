import type { FindTokenHolder, Principal } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { readOperator } from './operator.store.ts'
import { SESSION_IDLE_SECONDS_MAX, SESSION_USE_WRITTEN_SECONDS } from './token.ts'
import { readApiToken, updateUse } from './token.store.ts'

/** Reads who a principal of some kind is now; undefined when it may no longer act. */
export type ReadPrincipal = (id: string) => Promise<Principal | undefined>

/**
 * Finds who holds a token: an operator, or a principal of a kind that the app adds. A session that nobody used for a while
 * is found no more.
 */
export function createTokenFinder(
  db: Kysely<IssuerTables>,
  otherKinds: Readonly<Record<string, ReadPrincipal>>,
  now: () => Date,
): FindTokenHolder {
  const readOperatorPrincipal: ReadPrincipal = async (id) => {
    const operator = await readOperator(db, id)
    return operator === undefined ? undefined : { kind: 'operator', id: operator.id, roles: [operator.role] }
  }
  const readers: Readonly<Record<string, ReadPrincipal>> = { ...otherKinds, operator: readOperatorPrincipal }
  return async (tokenId) => {
    const token = await readApiToken(db, tokenId)
    if (token === undefined) return undefined
    const { secretHash, expiresAt, owner, kind, scopes, usedAt } = token
    const at = now()
    const idleSeconds = usedAt === null ? 0 : (at.getTime() - usedAt.getTime()) / 1000
    if (idleSeconds >= SESSION_IDLE_SECONDS_MAX) return undefined
    const principal = await readers[owner.kind]?.(owner.id)
    if (principal === undefined) return undefined
    const isUseDue = idleSeconds >= SESSION_USE_WRITTEN_SECONDS
    return {
      secretHash,
      expiresAt,
      principal: {
        ...principal,
        ...(scopes === null ? {} : { scopes }),
        credential: { id: tokenId, kind, expiresAt },
      },
      ...(isUseDue ? { noteUse: () => updateUse(db, tokenId, at) } : {}),
    }
  }
}
