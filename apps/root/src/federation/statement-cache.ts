import { reuseStatement } from '@arc3088/issuer'
import type { CompactJws } from '@arc3088/records'
import { LRUCache } from 'lru-cache'

import type { RootDeps } from '../deps.ts'
import { readStatement } from './statements.ts'

/** Statements about providers, each signed afresh at most once in a while. */
export interface StatementCache {
  /** The statement about an entity, or undefined where no provider was ever assigned to it. */
  about(entityId: string): Promise<CompactJws | undefined>
  /** The next statement about it is made from what is known then. */
  forget(entityId: string): void
}

/** A statement lives seven days and is signed afresh at most this often. */
export const STATEMENT_REUSE_SECONDS = 60
const STATEMENTS_KEPT_MAX = 10_000

/** Keeps the statements of this process. */
export function createStatementCache(deps: RootDeps): StatementCache {
  const statements = new LRUCache<string, () => Promise<CompactJws | undefined>>({ max: STATEMENTS_KEPT_MAX })
  return {
    async about(entityId) {
      const known = statements.get(entityId)
      if (known !== undefined) return await known()
      const read = reuseStatement(
        () => deps.node.ambient.now(),
        STATEMENT_REUSE_SECONDS,
        () => readStatement(deps, entityId),
      )
      statements.set(entityId, read)
      const statement = await read()
      // Whoever is no provider yet may be one a moment later.
      if (statement === undefined && statements.get(entityId) === read) statements.delete(entityId)
      return statement
    },
    forget(entityId) {
      statements.delete(entityId)
    },
  }
}
