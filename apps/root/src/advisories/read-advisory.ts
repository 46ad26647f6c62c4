import { RegistryError } from '@arc3088/problems'
import type { Advisory } from '@arc3088/records'
import type { Kysely } from 'kysely'

import { decidedSoFar } from '../acts/decided-so-far.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { readAdvisoryVersion } from './advisory.store.ts'
import { ADVISORY_ACTS, AdvisoryPayload, advisoryIdOf, advisoryOf, saysExactly } from './advisory.ts'

/** A version of an advisory that the officers decided, as it was signed. */
export interface ProvenAdvisory {
  readonly claims: Advisory
  readonly hash: string
  readonly jws: string
}

/**
 * Reads the newest version of an advisory, or one version of it, by its UUID.
 *
 * @throws RegistryError `advisory-not-found` where none was decided, whatever the rows say; `decision-unproven` where the
 * row is not what was decided.
 */
export async function readProvenAdvisory(
  { decisions, node }: Pick<RootDeps, 'decisions' | 'node'>,
  { uuid, version }: { uuid: string; version?: number | undefined },
  db: Kysely<RootTables> = node.db,
): Promise<ProvenAdvisory> {
  const id = advisoryIdOf(uuid)
  const decided = (await decidedSoFar(decisions, ADVISORY_ACTS)).flatMap((decision) => {
    const payload = AdvisoryPayload.safeParse(decision.payload)
    const isAsked =
      payload.success &&
      payload.data.advisory === id &&
      (version === undefined || payload.data.version === version)
    return isAsked ? [advisoryOf(node.entityId, { ...decision, payload: payload.data })] : []
  })
  const claims = decided.at(-1)
  if (claims === undefined) throw new RegistryError('advisory-not-found', `There is no advisory ${id}`)
  const stored = await readAdvisoryVersion(db, { advisory: uuid, version: claims.version })
  if (stored === undefined || !(await saysExactly(stored.jws, claims)))
    throw new RegistryError('decision-unproven', `Version ${claims.version} of ${id} is not what was decided`)
  return { claims, hash: stored.hash, jws: stored.jws }
}
