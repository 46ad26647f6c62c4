import {
  asOntologyNumber,
  asRequesterNumber,
  buildCode,
  buildRequesterPrefix,
  parseInstanceNumber,
} from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import { PAGE_QUERY } from '@arc3088/service'
import { z } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import { Description } from '../descriptions/description.ts'
import type { Ontology, ShownOntology } from '../ontologies/ontology.ts'

/** Where a review stands. */
export const ReviewStateName = z.enum([
  'draft',
  'submitted',
  'under-review',
  'returned',
  'rejected',
  'approved',
])

/** Most items of a page of ontologies: each carries a description of up to 64 KiB. */
export const ONTOLOGY_PAGE_ITEMS_MAX = 50

/** The query of every list of ontologies. */
export const ONTOLOGY_PAGE_QUERY = {
  ...PAGE_QUERY,
  limit: z.coerce.number().int().min(1).max(ONTOLOGY_PAGE_ITEMS_MAX).default(ONTOLOGY_PAGE_ITEMS_MAX),
}

/** An ontology as its requester and the desk see it. */
export const OntologyView = z
  .object({
    id: z.uuid(),
    requester: z.string().openapi({ description: 'the code prefix of its requester' }),
    version: z.number().int().openapi({ description: 'counts every change; also the ETag' }),
    description: Description,
    review: ReviewStateName,
    review_reason: z
      .string()
      .nullable()
      .openapi({ description: 'why it was returned or rejected, while it stands so; else null' }),
    core_profile: z.string().nullable(),
    core_digest: z.string().nullable(),
    code: z.string().nullable(),
    state: z
      .enum(['active', 'locked', 'retired'])
      .nullable()
      .openapi({ description: 'the life of its code' }),
    created_at: z.iso.datetime(),
    changed_at: z.iso.datetime(),
  })
  .openapi('Ontology')

const NO_INSTANCE = parseInstanceNumber('0')

/** Renders an ontology. */
export function viewOf(deps: ProviderDeps, ontology: ShownOntology): z.infer<typeof OntologyView> {
  const { prefix, code: own } = deps.appointment.demand()
  const place = { prefix, provider: own.provider, requester: asRequesterNumber(ontology.requester) }
  return {
    id: ontology.id,
    requester: buildRequesterPrefix(place).text,
    version: ontology.version,
    description: ontology.description,
    review: ontology.review,
    review_reason: ontology.reviewReason,
    core_profile: ontology.core?.profile ?? null,
    core_digest: ontology.core?.digest ?? null,
    code:
      ontology.ontology === null
        ? null
        : buildCode({ ...place, ontology: asOntologyNumber(ontology.ontology), instance: NO_INSTANCE }).text,
    state: ontology.life,
    created_at: ontology.createdAt.toISOString(),
    changed_at: ontology.changedAt.toISOString(),
  }
}

/** The strong ETag of an ontology. */
export function etagOf({ version }: Ontology): { etag: string } {
  return { etag: `"${version}"` }
}

/** Reads the version that an update says it is of; throws `precondition-required`. */
export function readIfMatch(header: string | undefined): number {
  if (header === undefined)
    throw new RegistryError('precondition-required', 'Send the ETag of the draft as If-Match')
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1]
  if (version === undefined)
    throw new RegistryError('precondition-failed', 'If-Match is not an ETag of this draft')
  return Number(version)
}
