import type { Description } from '../descriptions/description.ts'
import type { Life } from '../life/life.ts'
import type { ReviewState } from './review.ts'

/** Most ontologies of one requester that are neither approved nor rejected: what it may leave with the desk. */
export const OPEN_ONTOLOGIES_MAX = 100

/** An agent as designed: a draft, later a code that ends in .0. */
export interface Ontology {
  readonly id: string
  /** The number of its requester. */
  readonly requester: number
  /** Counts every change; the ETag. */
  readonly version: number
  readonly description: Description
  readonly review: ReviewState
  readonly takenBy: string | null
  readonly core: { readonly profile: string; readonly digest: `sha-256:${string}` } | null
  /** The ontology serial, once approved. */
  readonly ontology: number | null
  readonly life: Life | null
  readonly createdAt: Date
  readonly changedAt: Date
}

/** An ontology with what its readers are told of its review. */
export interface ShownOntology extends Ontology {
  /** Why it was last returned or rejected, while it stands so; else null. */
  readonly reviewReason: string | null
}
