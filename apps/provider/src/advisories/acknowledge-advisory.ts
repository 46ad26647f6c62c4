import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import type { ProviderDeps } from '../deps.ts'
import { insertAcknowledgement } from './advisory.store.ts'
import { readOwnAdvisory, type OwnAdvisory } from './read-advisories.ts'

/**
 * Notes that somebody at the desk has taken note of the newest version of an advisory; the root is told by and by. Again
 * it is answered as it stands, whoever asks.
 *
 * @throws RegistryError `advisory-not-found`, `advisory-state` for one that is withdrawn, `advisory-changed`.
 */
export async function acknowledgeAdvisory(
  deps: ProviderDeps,
  id: string,
  said: { version: number; operator: string; reason: string },
): Promise<OwnAdvisory> {
  const { db, ambient } = deps.node
  const { claims } = await readOwnAdvisory(deps, id)
  if (claims.version !== said.version)
    throw new RegistryError('advisory-changed', `The advisory has come to version ${claims.version}`)
  if (claims.state === 'withdrawn') throw new RegistryError('advisory-state', 'The advisory is withdrawn')
  await db.transaction().execute(async (tx) => {
    const at = ambient.now()
    const { version, operator, reason } = said
    const isNew = await insertAcknowledgement(tx, {
      advisory: id,
      version,
      requestId: ambient.newId(),
      operator,
      reason,
      at,
    })
    if (!isNew) return
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: operator,
      act: 'advisory:acknowledge',
      object: `advisory:${claims.sub}`,
      reason,
      detail: { version },
    })
  })
  ambient.reached('advisory:acknowledged')
  return await readOwnAdvisory(deps, id)
}
