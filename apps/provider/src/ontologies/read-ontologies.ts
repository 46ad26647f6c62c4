import type { ProviderDeps } from '../deps.ts'
import { demandRequesterCode } from '../requesters/read-requesters.ts'
import { ownOntology } from './draft-ontology.ts'
import type { ShownOntology } from './ontology.ts'
import * as store from './ontology.store.ts'
import type { ReviewState } from './review.ts'

/** A page of ontologies. */
export interface OntologyPage {
  readonly review?: ReviewState | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** Reads one ontology of the caller. */
export async function readOwnOntology(
  deps: ProviderDeps,
  requesterId: string,
  id: string,
): Promise<ShownOntology> {
  const requester = await demandRequesterCode(deps, requesterId)
  return ownOntology(await store.readOntology(deps.node.db, id), requester, id)
}

/** Reads a page of the caller's ontologies, newest first. */
export async function readOwnOntologies(
  deps: ProviderDeps,
  requesterId: string,
  page: OntologyPage,
): Promise<ShownOntology[]> {
  const requester = await demandRequesterCode(deps, requesterId)
  return await store.readOntologies(deps.node.db, { requester, ...known(page) })
}

/** Reads a page of what was handed to the desk, newest first; drafts are their requesters' own. */
export async function readOntologies(deps: ProviderDeps, page: OntologyPage): Promise<ShownOntology[]> {
  return await store.readOntologies(deps.node.db, known(page))
}

function known({ review, before, limit }: OntologyPage) {
  return {
    limit,
    ...(review === undefined ? {} : { review }),
    ...(before === undefined ? {} : { before }),
  }
}
