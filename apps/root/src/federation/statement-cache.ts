import { jitterOf, reuseStatement } from '@arc3088/issuer'
import { SUBORDINATE_STATEMENT_LIFETIME_SECONDS, type CompactJws } from '@arc3088/records'
import { LRUCache } from 'lru-cache'

import type { RootDeps } from '../deps.ts'
import {
  signStatementAbout,
  statementSubject,
  type StatementSubject,
} from '../providers/subordinate-statement.ts'

/** Statements about providers, each signed afresh at most once in a while, and at once where it has to say something else. */
export interface StatementCache {
  /** The statement about an entity, or undefined where no provider was ever assigned to it. */
  about(entityId: string): Promise<CompactJws | undefined>
  /** The next statement about it is made from what is known then. */
  forget(entityId: string): void
}

/** A statement lives seven days, and one that says the same is signed afresh at most this often. */
export const STATEMENT_REUSE_SECONDS = 60
/** While no new one can be signed, the last one is given out until a day before its end. */
const STATEMENT_USABLE_SECONDS = SUBORDINATE_STATEMENT_LIFETIME_SECONDS - 86_400
/** How soon a change by another process of this node shows. */
const FACTS_REUSE_SECONDS = 1
const STATEMENTS_KEPT_MAX = 10_000

/** What is known of one entity, and the statement that says it. */
interface Kept {
  readonly facts: () => Promise<StatementSubject | undefined>
  statement?: { readonly said: string; readonly read: () => Promise<CompactJws> }
}

/** Keeps the statements of this process. */
export function createStatementCache(deps: RootDeps): StatementCache {
  const entities = new LRUCache<string, Kept>({ max: STATEMENTS_KEPT_MAX })

  /** While the database is away or the signer fails, what was known and signed before goes on to be said. */
  function outliving(entityId: string, what: string) {
    const { ambient, log } = deps.node
    return {
      usableSeconds: STATEMENT_USABLE_SECONDS,
      jitter: jitterOf(ambient),
      onFault: (error: unknown) => log.error({ err: error, 'entity.id': entityId }, what),
    }
  }

  function keep(entityId: string): Kept {
    const options = outliving(entityId, 'a provider cannot be read anew')
    const read = async () => {
      const life = await deps.lives.findByEntity(entityId)
      return life === undefined ? undefined : statementSubject(life, entityId)
    }
    const kept: Kept = {
      facts: reuseStatement(() => deps.node.ambient.now(), FACTS_REUSE_SECONDS, read, options),
    }
    entities.set(entityId, kept)
    return kept
  }

  function statementOf(kept: Kept, subject: StatementSubject): () => Promise<CompactJws> {
    const said = JSON.stringify([
      subject,
      subject.life.log === undefined ? [] : watchedBy(deps),
      signingKid(deps),
    ])
    if (kept.statement?.said === said) return kept.statement.read
    const read = reuseStatement(
      () => deps.node.ambient.now(),
      STATEMENT_REUSE_SECONDS,
      async () => await signStatementAbout(deps, subject),
      outliving(subject.sub, 'a statement cannot be renewed'),
    )
    kept.statement = { said, read }
    return read
  }

  return {
    async about(entityId) {
      const kept = entities.get(entityId) ?? keep(entityId)
      const subject = await kept.facts()
      if (subject !== undefined) return await statementOf(kept, subject)()
      // Whoever is no provider yet may be one a moment later.
      if (entities.get(entityId) === kept) entities.delete(entityId)
      return undefined
    },
    forget(entityId) {
      entities.delete(entityId)
    },
  }
}

/** What a statement says of who watches over a log. */
function watchedBy({ node, witnessing }: RootDeps): unknown[] {
  return [node.keys.published('tlog').map(({ kid }) => kid), witnessing.quorumBelow()]
}

/** The key that would sign now; none where none can, and then what was signed before stays. */
function signingKid({ node }: RootDeps): string | undefined {
  return node.keys.published('federation')[0]?.kid
}
