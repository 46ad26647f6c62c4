import { violates } from '@arc3088/db'
import { insertAuditEntry, issueApiToken, issuerTables } from '@arc3088/issuer'

import { RegistryError } from '@arc3088/problems'
import type { IdempotencyKey } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import { fileOf, type RequesterApplication, type RequesterFile } from './requester.ts'
import { insertRequester, readSubmitter } from './requester.store.ts'
import { submissionOf } from './submission.ts'

/**
 * Takes an application to become a requester and answers the token that works for it from now on, once: only the hash of
 * its secret is kept, so that no answer can be given again. The same application under the same key is therefore refused
 * with `application-received`, and never taken twice; whoever lost the answer applies under another key. It assigns nothing,
 * and the desk verifies one of the two. A token is not issued anew: a key is no secret, and nobody here is known by another.
 */
export async function applyRequester(
  deps: ProviderDeps,
  application: RequesterApplication,
  key: IdempotencyKey | undefined,
): Promise<{ requester: RequesterFile; token: string }> {
  const { ambient, db } = deps.node
  const submission = key === undefined ? undefined : submissionOf(key)
  const requester = fileOf(application, { id: ambient.newId(), appliedAt: ambient.now() })
  const taking = db.transaction().execute(async (tx) => {
    await insertRequester(tx, requester, submission ?? null)
    ambient.reached('requester:written')
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
  const token = await taking.catch(async (error: unknown) => {
    if (submission === undefined || !violates(error, 'requester_dossier_submission_key')) throw error
    throw new RegistryError(
      'application-received',
      'It was taken before, and its token is not told twice; whoever lost it applies again under another key',
      { extra: { application: (await readSubmitter(db, submission)) ?? null } },
    )
  })
  ambient.reached('requester:committed')
  return { requester, token }
}
