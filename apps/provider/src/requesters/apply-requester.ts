import { insertAuditEntry, issueApiToken, issuerTables } from '@arc3088/issuer'

import type { ProviderDeps } from '../deps.ts'
import { fileOf, type RequesterApplication, type RequesterFile } from './requester.ts'
import { insertRequester } from './requester.store.ts'

/**
 * Takes an application to become a requester and answers the token that works for it from now on, once: only
 * the hash of its secret is kept, so an application cannot be replayed. One that lost its answer is made again;
 * it assigns nothing, and the desk verifies one of the two.
 */
export async function applyRequester(
  deps: ProviderDeps,
  application: RequesterApplication,
): Promise<{ requester: RequesterFile; token: string }> {
  const { ambient, db } = deps.node
  const requester = fileOf(application, { id: ambient.newId(), appliedAt: ambient.now() })
  const token = await db.transaction().execute(async (tx) => {
    await insertRequester(tx, requester)
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at: requester.appliedAt,
      actor: requester.id,
      act: 'requester:apply',
      object: `requester:${requester.id}`,
      reason: null,
      // The trail outlives every dossier, so it names nobody.
      detail: { kind: requester.kind, country: requester.country },
    })
    return await issueApiToken(issuerTables(tx), ambient, {
      kind: 'requester',
      id: requester.id,
      expiresAt: null,
    })
  })
  return { requester, token }
}
