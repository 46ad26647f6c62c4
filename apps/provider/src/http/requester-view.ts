import { asRequesterNumber, buildRequesterPrefix } from '@arc3088/codec'
import { ShownOrganization } from '@arc3088/records'
import { z } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import { EvidenceReference, LocalIdentifier, type RequesterFile } from '../requesters/requester.ts'

/** A requester as the desk and the requester itself see it; nobody else sees it at all. */
export const RequesterView = z
  .object({
    id: z.uuid(),
    kind: z.enum(['organization', 'natural-person']),
    country: z.string(),
    organization: ShownOrganization.nullable(),
    name: z.string().openapi({ description: 'of the organisation or the person' }),
    contact: z.string(),
    local_identifiers: z.array(LocalIdentifier),
    evidence: z.array(EvidenceReference),
    state: z.enum(['applied', 'active']),
    code: z.string().nullable().openapi({ description: 'the code prefix, once verified' }),
    applied_at: z.iso.datetime(),
    verified_at: z.iso.datetime().nullable(),
  })
  .openapi('Requester')

/** Renders a file. */
export function viewOf(deps: ProviderDeps, file: RequesterFile): z.infer<typeof RequesterView> {
  const { dossier, organization, appliedAt, verifiedAt } = file
  return {
    id: file.id,
    kind: file.kind,
    country: file.country,
    organization,
    name: organization?.name ?? dossier.personName ?? '',
    contact: dossier.contact,
    local_identifiers: [...dossier.localIdentifiers],
    evidence: [...dossier.evidence],
    state: file.state,
    code: file.code === null ? null : requesterCodeText(deps, file.code),
    applied_at: appliedAt.toISOString(),
    verified_at: verifiedAt?.toISOString() ?? null,
  }
}

function requesterCodeText(deps: ProviderDeps, code: number): string {
  const { prefix, code: own } = deps.appointment.demand()
  return buildRequesterPrefix({ prefix, provider: own.provider, requester: asRequesterNumber(code) }).text
}
