import { connect } from '@arc3088/db'
import { IssuingNodeEnvironment, readEnvironment } from '@arc3088/service'
import { parseVkey } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import { readUnexplainedCodes } from '../assignment/assignment.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { readKeys } from '../keys/key.store.ts'
import { verifyWholeTree } from '../log/check-tree.ts'
import type { StatusIndex } from '../numbering/supply.ts'
import { readDoubledPlaces, readOverdrawnLists } from '../status/doubled-place.store.ts'
import { logOrigin, logVkey } from '../witness/log-identity.ts'

/** What the command is given by the node. */
export interface AuditCommand {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly service: string
  /** Entries of status lists that documents besides records use: subordinate statements, at a root. */
  placesBesideRecords(databaseUrl: string): Promise<readonly StatusIndex[]>
  /** The entity under which the database was begun, as it says itself; undefined where it is the node's own. */
  foundedAs?(databaseUrl: string): Promise<string | undefined>
  write(line: string): void
}

/** One check, and the first things that it found wrong. */
export interface AuditFinding {
  readonly check: 'codes-have-records' | 'places-stand-once' | 'places-were-leased' | 'tree-is-its-entries'
  readonly found: readonly unknown[]
}

/** Enough to see what kind of thing is wrong. */
const FOUND_MAX = 100

/**
 * Makes the checks that no constraint can make (GB/Z 185.2 5.2, 6 a): every code has its record, or was burnt; no entry
 * of a status list stands in two documents, nor beyond what was leased; the tree of the log is that of its entries, under
 * a key of the log. Reads everything once, in one snapshot, beside a node that goes on writing; writes nothing.
 */
export async function auditLedger(
  db: Kysely<IssuerTables>,
  { entityId, placesBesideRecords }: { entityId: string; placesBesideRecords: readonly StatusIndex[] },
): Promise<AuditFinding[]> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const logKeys = (await readKeys(tx)).flatMap(({ purpose, jwk }) =>
        purpose === 'tlog' ? (parseVkey(logVkey(entityId, jwk)) ?? []) : [],
      )
      const codes = await readUnexplainedCodes(tx, FOUND_MAX)
      const doubled = await readDoubledPlaces(tx, FOUND_MAX, placesBesideRecords)
      const overdrawn = await readOverdrawnLists(tx)
      const tree = await verifyWholeTree(tx, { origin: logOrigin(entityId), logKeys })
      return [
        { check: 'codes-have-records', found: codes },
        { check: 'places-stand-once', found: doubled },
        { check: 'places-were-leased', found: overdrawn.map((list) => ({ list })).slice(0, FOUND_MAX) },
        { check: 'tree-is-its-entries', found: tree.kind === 'sound' ? [] : [{ detail: tree.detail }] },
      ]
    })
}

/** `audit:ledger`: a line of JSON for each check; true where none found anything. */
export async function runAuditLedger(command: AuditCommand): Promise<boolean> {
  const { DATABASE_URL: url, ENTITY_ID: entityId } = readEnvironment(
    IssuingNodeEnvironment.pick({ DATABASE_URL: true, ENTITY_ID: true }),
    command.environment,
  )
  const db = connect<IssuerTables>({
    url,
    max: 1,
    applicationName: `${command.service}-audit`,
    onIdleError: (error) => command.write(`database: ${error.message}`),
  })
  try {
    const placesBesideRecords = await command.placesBesideRecords(url)
    const foundedAs = (await command.foundedAs?.(url)) ?? entityId
    const findings = await auditLedger(db, { entityId: foundedAs, placesBesideRecords })
    for (const { check, found } of findings)
      command.write(
        JSON.stringify({ check, ok: found.length === 0, ...(found.length === 0 ? {} : { found }) }),
      )
    return findings.every(({ found }) => found.length === 0)
  } finally {
    await db.destroy()
  }
}
