import type { Subject } from '@arc3088/codec'
import type { CompactJws } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import type { StatementCache } from '../federation/statement-cache.ts'
import { readProvider } from './provider.store.ts'

/** The statement about the provider that a code belongs to, with the token of the list that its status is in. */
export async function readStatementFor(
  deps: RootDeps,
  statements: StatementCache,
  subject: Subject,
): Promise<{ statement: CompactJws; statementStatusToken: CompactJws }> {
  const provider = await readProvider(deps.node.db, subject.provider)
  if (provider === undefined) throw new Error(`${subject.text} has a record and no provider row`)
  const statementStatusToken = await deps.node.statusDoor.signStatusList(provider.statementStatus.list)
  if (statementStatusToken === undefined) throw new Error(`The status list of ${subject.text} does not exist`)
  const statement = await statements.about(provider.entityId)
  if (statement === undefined) throw new Error(`There is no statement about ${provider.entityId}`)
  return { statement, statementStatusToken }
}
