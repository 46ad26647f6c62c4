import { RegistryError } from '@arc3088/problems'
import { ConfigError, type Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { openJournal } from '../journal/open-journal.ts'
import { checkRestore, type RestoreParts } from './check-restore.ts'
import { describeVerdict, type RestoreVerdict } from './restore-verdict.ts'

/** Where the journal of a node is, and the database that it is held against. */
export interface RestoredParts {
  readonly directory: string
  readonly entityId: string
  readonly db: Kysely<IssuerTables>
  readonly ambient: Pick<Ambient, 'now' | 'newId'>
}

/**
 * Makes the restore check for a step that writes beside a serving node. Throws `restore-refused` unless the database
 * agrees with journal and witnesses: a step taken in an older database would be one that nobody knows of later.
 */
export async function demandRestored(
  parts: RestoredParts & Pick<RestoreParts, 'witnesses' | 'askWitness'>,
): Promise<void> {
  const verdict = await verdictOf(parts, parts)
  if (verdict.kind !== 'agrees') throw new RegistryError('restore-refused', describeVerdict(verdict))
}

/**
 * Holds a database that lacks keys against the journal alone, before first keys are taken into use: who witnesses is
 * not known yet. Throws ConfigError where the journal has seen a newer database or another log; what nobody can say
 * (an empty journal) is no reason, since every node begins so.
 */
export async function demandNotPutBack(parts: RestoredParts): Promise<void> {
  const askWitness = () => Promise.resolve({ kind: 'unreachable' as const, detail: 'nobody is asked' })
  const verdict = await verdictOf(parts, { witnesses: [], askWitness })
  if (verdict.kind === 'agrees' || verdict.kind === 'unknown') return
  throw new ConfigError([
    `DATABASE_URL: no first keys are taken into use here: ${describeVerdict(verdict)}; see restore:check`,
  ])
}

/** Reads the journal and writes nothing to it. */
async function verdictOf(
  { directory, entityId, db, ambient }: RestoredParts,
  { witnesses, askWitness }: Pick<RestoreParts, 'witnesses' | 'askWitness'>,
): Promise<RestoreVerdict> {
  const onFailure = (error: Error): void => {
    throw error
  }
  const journal = await openJournal({ directory, entityId, ambient, onFailure })
  try {
    return (await checkRestore({ db, journal, witnesses, askWitness })).verdict
  } finally {
    await journal.close()
  }
}
