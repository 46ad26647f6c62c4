import type { DecisionBook } from '@arc3088/issuer'
import type { AdvisoryEntry, CertifierEntry, KeyRing, ScenarioEntry } from '@arc3088/records'
import type { Ambient, Log } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { advisoryListRules } from '../advisories/advisory-list.ts'
import { readAdvisoryVersion } from '../advisories/advisory.store.ts'
import { CERTIFIER_LIST_RULES } from '../certifiers/certifier.ts'
import type { RootTables } from '../db/tables.ts'
import { SCENARIO_TABLE_RULES } from '../scenarios/scenario-tiers.ts'
import { createDecidedList, type DecidedList } from './decided-list.ts'

/** The lists of the authority; what they say follows from decisions alone. */
export interface AuthorityLists {
  readonly advisories: DecidedList<AdvisoryEntry>
  readonly certifiers: DecidedList<CertifierEntry>
  readonly scenarios: DecidedList<ScenarioEntry>
}

/** Opens the lists; nothing is read before somebody asks. */
export function openAuthorityLists(parts: {
  db: Kysely<RootTables>
  decisions: DecisionBook
  ambient: Ambient
  log: Log
  keys: Pick<KeyRing, 'active'>
  entityId: string
}): AuthorityLists {
  const { db, entityId } = parts
  const readVersion = async (version: { advisory: string; version: number }) =>
    await readAdvisoryVersion(db, version)
  return {
    advisories: createDecidedList(parts, advisoryListRules({ entityId, readVersion })),
    certifiers: createDecidedList(parts, CERTIFIER_LIST_RULES),
    scenarios: createDecidedList(parts, SCENARIO_TABLE_RULES),
  }
}
