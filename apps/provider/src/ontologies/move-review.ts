import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import type { ProviderDeps } from '../deps.ts'
import type { Ontology, ShownOntology } from './ontology.ts'
import { insertReviewTransition, readOntology, updateReview, type ReviewChange } from './ontology.store.ts'
import { judgeReview, type ReviewAct } from './review.ts'

/** An act of review by somebody, for a reason where the act needs one. */
export interface ReviewStep {
  readonly act: Exclude<ReviewAct, 'approve'>
  readonly actor: string
  readonly reason: string | null
  readonly change?: Pick<ReviewChange, 'description' | 'takenBy' | 'core'>
}

/**
 * Carries out an act of review on a locked ontology: state, step and audit entry together. What was done before
 * is answered as it stands.
 */
export async function moveReview(
  tx: Transaction<ProviderTables>,
  deps: ProviderDeps,
  ontology: Ontology,
  step: ReviewStep,
): Promise<ShownOntology> {
  const { ambient } = deps.node
  const { act, actor, reason, change = {} } = step
  const move = judgeReview(act, ontology.review, { by: ontology.takenBy, actor })
  if (move.kind === 'refuse') throw new RegistryError(move.because, move.detail)
  if (move.kind === 'unchanged') return await readLocked(tx, ontology.id)
  const at = ambient.now()
  const { requester, id: ontologyId, review: from } = ontology
  const { to } = move
  if (from !== to) {
    const id = ambient.newId()
    await insertReviewTransition(tx, { requester, ontologyId, id, act, from, to, actor, reason, at })
  }
  // After the step, whose reason it answers.
  const moved = await updateReview(tx, ontology, { ...change, review: to, at })
  await insertAuditEntry(issuerTables(tx), {
    id: ambient.newId(),
    at,
    actor,
    act: `ontology:${act}`,
    object: `ontology:${ontologyId}`,
    reason,
    detail: { from, to, version: moved.version, core_digest: moved.core?.digest ?? null },
  })
  return moved
}

async function readLocked(tx: Transaction<ProviderTables>, id: string): Promise<ShownOntology> {
  const ontology = await readOntology(tx, id)
  if (ontology === undefined) throw new Error(`Ontology ${id} is locked, yet not there`)
  return ontology
}
