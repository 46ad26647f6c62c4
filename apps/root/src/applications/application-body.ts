import { Organization, PublicJwkSet, Sha256Digest, WebUri } from '@arc3088/records'
import { z } from 'zod'

/** Bounds of an application; a root's desk must be able to read it whole. */
const IDENTIFIERS_MAX = 16
const EVIDENCE_MAX = 32
const SCENARIOS_MAX = 19
const PURPOSES_LENGTH_MAX = 4000

/** A line for people, without characters that no database keeps or that hide others. */
export const Text = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]*$/u, 'has control characters')

/** As {@link Text}, in as many lines as it takes. */
export const Paragraphs = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^(?:[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]|\n)*$/u, 'has control characters')

/** How a register of its own country knows the organisation, such as a unified social credit code. */
export const RegistrationIdentifier = z.strictObject({ scheme: Text(100), value: Text(200) })
export type RegistrationIdentifier = z.infer<typeof RegistrationIdentifier>

/** Who may bind the organisation. A person: never in anything public. */
export const LegalRepresentative = z.strictObject({ name: Text(200), position: Text(200).optional() })

/** What kind of document bears an application out. */
export const EVIDENCE_KINDS = [
  'registration-certificate',
  'authorisation-letter',
  'representative-identity',
  'technical-plan',
  'security-assessment',
  'operation-plan',
  'other',
] as const

/** A document that bears the application out. It is never fetched by the root; whoever reads it compares the digest. */
export const EvidenceReference = z.strictObject({
  kind: z.enum(EVIDENCE_KINDS),
  uri: WebUri,
  digest: Sha256Digest,
  title: Text(200),
})
export type EvidenceReference = z.infer<typeof EvidenceReference>

/** How the applicant means to number below its code (GB/Z 185.2 5.6 a, 6 e): in words, and where it is written down. */
export const WishedNumberingPlan = z.strictObject({ summary: Paragraphs(2000), uri: WebUri.optional() })

const PrivateParts = {
  identifiers: z.array(RegistrationIdentifier).max(IDENTIFIERS_MAX).default([]),
  legal_representative: LegalRepresentative.optional(),
  evidence: z.array(EvidenceReference).max(EVIDENCE_MAX).default([]),
  purposes: Paragraphs(PURPOSES_LENGTH_MAX).optional(),
  /** Entries of the scenario vocabulary (policy items 15-33). */
  scenarios: z
    .array(
      z
        .string()
        .regex(/^[a-z]+(-[a-z]+)*$/)
        .max(64),
    )
    .max(SCENARIOS_MAX)
    .refine((scenarios) => new Set(scenarios).size === scenarios.length, { error: 'a scenario stands twice' })
    .default([]),
  numbering_plan: WishedNumberingPlan.optional(),
}

/** What only the desk and the applicant itself see, besides the contact. */
export const ApplicationDossier = z.strictObject(PrivateParts)
export type ApplicationDossier = z.infer<typeof ApplicationDossier>

/** What an applicant sends, inside a request signed with the federation key that it names here. */
export const ApplicationBody = z.strictObject({
  organization: z.strictObject({
    name: Text(256),
    name_en: Text(256).optional(),
    country: Organization.shape.country,
  }),
  contact: Text(320).min(3),
  jwks: z.strictObject(PublicJwkSet.shape),
  wished_code: z.string().min(1).max(5).optional(),
  ...PrivateParts,
})
export type ApplicationBody = z.infer<typeof ApplicationBody>

/** A completed application: the whole of it again, and which revision it replaces. */
export const CompletionBody = ApplicationBody.extend({ revision: z.int().min(1) })
export type CompletionBody = z.infer<typeof CompletionBody>

/** What an applicant may say when it withdraws. */
export const WithdrawalBody = z.strictObject({ reason: Paragraphs(2000).optional() })

/** What an applicant sends to read its own application: nothing more. */
export const StatusBody = z.strictObject({}).optional()

/** The organisation as records name it. */
export function organizationOf({ organization }: ApplicationBody): Organization {
  const { name, name_en, country } = organization
  return name_en === undefined ? { name, country } : { name, name_en, country }
}

/** The parts of an application that never leave the desk. */
export function dossierOf(body: ApplicationBody): ApplicationDossier {
  const { identifiers, legal_representative, evidence, purposes, scenarios, numbering_plan } = body
  return {
    identifiers,
    evidence,
    scenarios,
    ...(legal_representative === undefined ? {} : { legal_representative }),
    ...(purposes === undefined ? {} : { purposes }),
    ...(numbering_plan === undefined ? {} : { numbering_plan }),
  }
}
