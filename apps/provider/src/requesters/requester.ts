import { Organization } from '@arc3088/records'
import { z } from 'zod'

/** An organisation, or a person: of a person nothing is ever public (GB/Z 185.2 5.5, M-03). */
export type RequesterKind = 'organization' | 'natural-person'

/** How far a requester has come. Verification assigns the code. Suspension and closing come with later rooms. */
export type RequesterState = 'applied' | 'active'

const LIST_MAX = 16

/** How a requester is known in its own country (annex B a), such as a company register's number. */
export const LocalIdentifier = z.strictObject({
  scheme: z.string().min(1).max(100),
  value: z.string().min(1).max(200),
})
export type LocalIdentifier = z.infer<typeof LocalIdentifier>

/** A document that bears the application out: where it is, and what its bytes must hash to. */
export const EvidenceReference = z.strictObject({
  uri: z
    .url({ protocol: /^https$/ })
    .max(2048)
    .optional(),
  digest: z.string().regex(/^sha-256:[A-Za-z0-9_-]{43}$/),
  description: z.string().min(1).max(500),
})
export type EvidenceReference = z.infer<typeof EvidenceReference>

const Country = z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 code of two letters')

const common = {
  country: Country,
  contact: z.string().min(3).max(320),
  local_identifiers: z.array(LocalIdentifier).max(LIST_MAX).default([]),
  evidence: z.array(EvidenceReference).max(LIST_MAX).default([]),
}

/** What an applicant sends. */
export const RequesterApplication = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('organization'),
    name: Organization.shape.name,
    name_en: Organization.shape.name.optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('natural-person'), name: z.string().min(1).max(200), ...common }),
])
export type RequesterApplication = z.infer<typeof RequesterApplication>

/** What may be shown of a requester. */
export interface Requester {
  readonly id: string
  readonly kind: RequesterKind
  readonly country: string
  /** Null for a natural person. */
  readonly organization: Organization | null
  readonly state: RequesterState
  readonly code: number | null
  readonly appliedAt: Date
  readonly verifiedAt: Date | null
}

/** What only the desk and the requester itself may see. */
export interface RequesterDossier {
  readonly personName: string | null
  readonly contact: string
  readonly localIdentifiers: readonly LocalIdentifier[]
  readonly evidence: readonly EvidenceReference[]
}

/** Both, for those who may see both. */
export interface RequesterFile extends Requester {
  readonly dossier: RequesterDossier
}

/** Divides an application into what may be shown and what may not. */
export function fileOf(
  application: RequesterApplication,
  filed: { id: string; appliedAt: Date },
): RequesterFile {
  const { kind, country, contact, local_identifiers, evidence } = application
  return {
    ...filed,
    kind,
    country,
    organization: kind === 'organization' ? organizationOf(application) : null,
    state: 'applied',
    code: null,
    verifiedAt: null,
    dossier: {
      personName: kind === 'natural-person' ? application.name : null,
      contact,
      localIdentifiers: local_identifiers,
      evidence,
    },
  }
}

function organizationOf({
  name,
  name_en,
  country,
}: Extract<RequesterApplication, { kind: 'organization' }>): Organization {
  return name_en === undefined ? { name, country } : { name, name_en, country }
}
