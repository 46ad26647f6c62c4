import { insertAuditEntry, issuerTables } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import type { ProviderDeps } from '../deps.ts'
import { CORE_PROFILE, coreDigestOf } from '../descriptions/core-fields.ts'
import type { Description } from '../descriptions/description.ts'
import { demandRequesterCode } from '../requesters/read-requesters.ts'
import { OPEN_ONTOLOGIES_MAX, type Ontology, type ShownOntology } from './ontology.ts'
import { insertDraft, lockOntologies, lockOpenCount } from './ontology.store.ts'
import { moveReview } from './move-review.ts'

/**
 * Puts a description down as a draft, which only its requester sees. Throws `drafts-too-many` past what a requester
 * may have open at once.
 */
export async function draftOntology(
  deps: ProviderDeps,
  requesterId: string,
  description: Description,
): Promise<ShownOntology> {
  const { ambient, db } = deps.node
  const requester = await demandRequesterCode(deps, requesterId)
  const at = ambient.now()
  return await db.transaction().execute(async (tx) => {
    const open = await lockOpenCount(tx, { id: requesterId, code: requester })
    if (open >= OPEN_ONTOLOGIES_MAX) {
      const detail = `${open} ontologies are open; have one approved or rejected before the next`
      throw new RegistryError('drafts-too-many', detail)
    }
    const draft = await insertDraft(tx, { requester, id: ambient.newId(), description, at })
    await insertAuditEntry(issuerTables(tx), {
      id: ambient.newId(),
      at,
      actor: requesterId,
      act: 'ontology:draft',
      object: `ontology:${draft.id}`,
      reason: null,
      detail: { version: draft.version },
    })
    return draft
  })
}

/** Replaces the description of a draft, or of one that the desk returned; a lost update is refused. */
export async function editOntology(
  deps: ProviderDeps,
  edit: { id: string; requesterId: string; version: number; description: Description },
): Promise<ShownOntology> {
  const { id, requesterId, version, description } = edit
  const requester = await demandRequesterCode(deps, requesterId)
  return await deps.node.db.transaction().execute(async (tx) => {
    const ontology = ownOntology((await lockOntologies(tx, [id])).get(id), requester, id)
    if (ontology.version !== version) {
      throw new RegistryError('precondition-failed', 'The draft has changed since it was read')
    }
    return await moveReview(tx, deps, ontology, {
      act: 'edit',
      actor: requesterId,
      reason: null,
      change: { description, core: null },
    })
  })
}

/** Hands a draft to the desk. From here on its description, and the digest of its core, stand still. */
export async function submitOntology(
  deps: ProviderDeps,
  submission: { id: string; requesterId: string },
): Promise<ShownOntology> {
  const { id, requesterId } = submission
  const requester = await demandRequesterCode(deps, requesterId)
  return await deps.node.db.transaction().execute(async (tx) => {
    const ontology = ownOntology((await lockOntologies(tx, [id])).get(id), requester, id)
    const digest = await coreDigestOf(ontology.description)
    return await moveReview(tx, deps, ontology, {
      act: 'submit',
      actor: requesterId,
      reason: null,
      change: { core: { profile: CORE_PROFILE, digest } },
    })
  })
}

/** Another requester's draft does not exist as far as the caller can tell. */
export function ownOntology<T extends Ontology>(ontology: T | undefined, requester: number, id: string): T {
  if (ontology?.requester === requester) return ontology
  throw new RegistryError('ontology-not-found', `There is no ontology ${id} of this requester`)
}
