import { readAssignmentRecord, recordHash, type CompactJws, type StatusPlace } from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { AssignProviderPayload } from './assign-payload.ts'
import { entrySignerOf } from './carry-decided.ts'
import { carryStep } from './carry-step.ts'
import type { Directory } from './directory.ts'
import type { ProviderLife } from './provider-life.ts'
import { queueDirectory } from './queue-directory.ts'

/** Begins the life of a provider in the transaction of its assignment, whose record and row are written. */
export async function beginLife(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  assigned: {
    code: number
    payload: AssignProviderPayload
    record: CompactJws
    place: StatusPlace
    decision: string
    at: Date
    /** The directory before it. */
    directory: Directory
  },
): Promise<void> {
  const { code, payload, record, place, decision, at, directory: before } = assigned
  const { entity_id, kind, territory, organization, jwks, log } = payload
  const facts = { entity_id, kind, territory, organization, jwks, tlog: log, assigned_at: numericDate(at) }
  const life = await carryStep(tx, entrySignerOf(deps), {
    code,
    life: undefined,
    step: { act: 'assign', code, facts, record: await recordRefOf(record), place },
    cause: { decision },
    at,
  })
  await queueDirectory(deps, tx, { before, life })
}

/** A record by its hash, with the place in a status list that it names. */
export async function recordRefOf(record: CompactJws | string): Promise<ProviderLife['record']> {
  const read = readAssignmentRecord(record)
  if (read.kind === 'rejected') throw new Error(`An own record does not read: ${read.detail}`)
  const { uri, idx } = read.claims.status.status_list
  return {
    hash: await recordHash(record),
    status: { list: Number(uri.slice(uri.lastIndexOf('/') + 1)), index: idx },
  }
}
