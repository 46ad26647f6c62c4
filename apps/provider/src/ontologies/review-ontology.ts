import type { Outcome } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { IdempotencyKey } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import { moveReview, type ReviewStep } from './move-review.ts'
import type { OntologyApproval } from './approval.ts'
import type { ShownOntology } from './ontology.ts'
import { lockOntologies } from './ontology.store.ts'

/** Takes up, returns or rejects a submitted ontology. */
export async function reviewOntology(
  deps: ProviderDeps,
  id: string,
  review: { act: 'take' | 'return' | 'reject'; reviewer: string; reason: string | null },
): Promise<ShownOntology> {
  const { act, reviewer, reason } = review
  const step: ReviewStep = {
    act,
    actor: reviewer,
    reason,
    ...(act === 'take' ? { change: { takenBy: reviewer } } : {}),
  }
  return await deps.node.db.transaction().execute(async (tx) => {
    const ontology = (await lockOntologies(tx, [id])).get(id)
    if (ontology === undefined) throw new RegistryError('ontology-not-found', `There is no ontology ${id}`)
    return await moveReview(tx, deps, ontology, step)
  })
}

/** Approves an ontology and assigns its code, in one act. The same approval again answers the same record. */
export async function approveOntology(
  deps: ProviderDeps,
  approval: OntologyApproval,
  idempotency: IdempotencyKey,
): Promise<Extract<Outcome, { kind: 'assigned' }>> {
  return await deps.assigners().ontology({
    request: approval,
    principal: approval.operator,
    scopeRequester: 0,
    idempotency,
  })
}
