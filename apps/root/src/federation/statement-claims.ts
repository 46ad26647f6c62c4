import { readSubordinateStatement, type CompactJws } from '@arc3088/records'

/** The claims of a statement that this root has just signed. */
export function decodeStatementClaims(statement: CompactJws): Readonly<Record<string, unknown>> {
  const read = readSubordinateStatement(statement)
  if (read.kind === 'rejected') throw new Error(`An own statement does not read: ${read.detail}`)
  return { ...read.claims }
}
