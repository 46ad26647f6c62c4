import type { Subject } from '@arc3088/codec'
import { readSubordinateStatement, type CompactJws } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import type { StatementCache } from '../federation/statement-cache.ts'

/** The statement about the provider that a code belongs to, with the token of the list that its status is in. */
export async function readStatementFor(
  deps: RootDeps,
  statements: StatementCache,
  subject: Subject,
): Promise<{ statement: CompactJws; statementStatusToken: CompactJws }> {
  const { foundedAs } = await deps.lives.demand(subject.provider)
  const statement = await statements.about(foundedAs)
  if (statement === undefined) throw new Error(`There is no statement about ${foundedAs}`)
  const read = readSubordinateStatement(statement)
  if (read.kind === 'rejected') throw new Error(`An own statement does not read: ${read.detail}`)
  const { uri } = read.claims.status.status_list
  const list = Number(uri.slice(uri.lastIndexOf('/') + 1))
  const statementStatusToken = await deps.node.statusDoor.signStatusList(list)
  if (statementStatusToken === undefined) throw new Error(`The status list ${uri} does not exist`)
  return { statement, statementStatusToken }
}
