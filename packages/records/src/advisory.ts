import { contains, readSubject, type Subject } from '@arc3088/codec'
import { z } from 'zod'

import { Base64urlSha256, EntityId, NumericDate, Sha256Digest, SubjectText, WebUri } from './claims.ts'
import { LIST_PAGE_CLAIMS, listPageFault } from './list-page.ts'
import { TYP } from './media-type.ts'
import { ScenarioName } from './scenario.ts'
import { defineDocument } from './signed-document.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** Codes and code prefixes that one advisory names at most. */
export const ADVISORY_AFFECTED_MAX = 200
/** Largest advisory read. */
export const ADVISORY_BYTES_MAX = 131_072
/** Largest page of the advisory list read. */
export const ADVISORY_LIST_BYTES_MAX = 2_097_152
/** Advisories on one page of the list. */
export const ADVISORIES_A_PAGE = 100

const REFERENCES_MAX = 16
const TITLE_LENGTH_MAX = 200
const SUMMARY_LENGTH_MAX = 4000

/** What an advisory is: a warning of the supply chain, or an order of the authority to recall (policy items 9, 11). */
export const ADVISORY_KINDS = ['warning', 'recall-order'] as const
export const ADVISORY_SEVERITIES = ['low', 'moderate', 'high', 'critical'] as const
export const ADVISORY_STATES = ['published', 'withdrawn'] as const
export type AdvisoryKind = (typeof ADVISORY_KINDS)[number]
export type AdvisorySeverity = (typeof ADVISORY_SEVERITIES)[number]
export type AdvisoryState = (typeof ADVISORY_STATES)[number]

/** The name of an advisory, for all its versions. */
export const AdvisoryId = z
  .string()
  .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)

/** The same in both languages in which the registry is read. */
function languageText(lengthMax: number) {
  const text = z.string().min(1).max(lengthMax)
  return z.object({ zh: text, en: text })
}

/** A short line in both languages. */
export const LanguageTitle = languageText(TITLE_LENGTH_MAX)
export type LanguageTitle = z.infer<typeof LanguageTitle>

/** What an advisory says. */
export const ADVISORY_CONTENT = {
  kind: z.enum(ADVISORY_KINDS),
  severity: z.enum(ADVISORY_SEVERITIES),
  title: LanguageTitle,
  summary: languageText(SUMMARY_LENGTH_MAX),
  /** Canonical codes and code prefixes; what stands below one is affected too. */
  affected: z.array(SubjectText).min(1).max(ADVISORY_AFFECTED_MAX),
  scenarios: z.array(ScenarioName).min(1).exactOptional(),
  references: z.array(z.object({ uri: WebUri, digest: Sha256Digest })).max(REFERENCES_MAX),
  /** Until when the providers concerned must have acknowledged it. */
  acknowledge_by: NumericDate.exactOptional(),
}

/** One version of an advisory (W8 `advisory`), signed with the root's federation key because its officers decided it. */
export const Advisory = z.object({
  iss: EntityId,
  sub: AdvisoryId,
  iat: NumericDate,
  version: z.int().min(1),
  /** Hash (W0) of the version before; only from version 2 on. */
  prev: Base64urlSha256.exactOptional(),
  ...ADVISORY_CONTENT,
  state: z.enum(ADVISORY_STATES),
  /** Identity of the decision (W12) that it follows from. */
  decision: Base64urlSha256,
})
export type Advisory = z.infer<typeof Advisory>

function advisoryFault({ version, prev, affected, scenarios = [], state }: Advisory): Rejected | undefined {
  if ((version === 1) !== (prev === undefined))
    return rejected('claims-invalid', 'prev stands in every version but the first')
  if (version === 1 && state === 'withdrawn')
    return rejected('claims-invalid', 'what was never published cannot be withdrawn')
  return new Set(affected).size === affected.length && new Set(scenarios).size === scenarios.length
    ? undefined
    : rejected('claims-invalid', 'a code or a scenario stands twice')
}

const advisoryDocument = defineDocument({
  typ: TYP.advisory,
  schema: Advisory,
  bytesMax: ADVISORY_BYTES_MAX,
  fault: advisoryFault,
})
export const signAdvisory = advisoryDocument.sign
export const readAdvisory = advisoryDocument.read
export const verifyAdvisory = advisoryDocument.verify

/** The newest version of one advisory: enough to know whom it concerns, and to recognise the document itself. */
export const AdvisoryEntry = z.object({
  id: AdvisoryId,
  version: z.int().min(1),
  /** Hash (W0) of that version: who has the list needs no key to believe it. */
  hash: Base64urlSha256,
  state: z.enum(ADVISORY_STATES),
  kind: ADVISORY_CONTENT.kind,
  severity: ADVISORY_CONTENT.severity,
  title: ADVISORY_CONTENT.title,
  affected: ADVISORY_CONTENT.affected,
})
export type AdvisoryEntry = z.infer<typeof AdvisoryEntry>

/** A page of the list of every advisory ever published, in the order of their first publication. */
export const AdvisoryList = z.object({
  ...LIST_PAGE_CLAIMS,
  entries: z.array(AdvisoryEntry).max(ADVISORIES_A_PAGE),
})
export type AdvisoryList = z.infer<typeof AdvisoryList>

function listFault(claims: AdvisoryList): Rejected | undefined {
  const { entries } = claims
  return new Set(entries.map(({ id }) => id)).size === entries.length
    ? listPageFault(claims)
    : rejected('claims-invalid', 'an advisory stands twice')
}

const listDocument = defineDocument({
  typ: TYP.advisoryList,
  schema: AdvisoryList,
  bytesMax: ADVISORY_LIST_BYTES_MAX,
  fault: listFault,
})
export const signAdvisoryList = listDocument.sign
export const readAdvisoryList = listDocument.read
export const verifyAdvisoryList = listDocument.verify

/** True where one of the codes and prefixes is the subject, or stands above it: an ontology above its instances too. */
export function isAffected(affected: readonly string[], subject: Subject): boolean {
  return affected.some((text) => {
    const above = readSubject(text, { prefixes: [subject.prefix] })
    return above.kind !== 'malformed' && contains(above, subject)
  })
}

/** True where one of the codes and prefixes is the subject, or stands above or below it: it concerns who answers for it. */
export function isConcerned(affected: readonly string[], subject: Subject): boolean {
  return affected.some((text) => {
    const named = readSubject(text, { prefixes: [subject.prefix] })
    return named.kind !== 'malformed' && (contains(named, subject) || contains(subject, named))
  })
}

/** What a provider sends to say that it has taken note of one version (W11). */
export const AdvisoryAcknowledgement = z.strictObject({
  version: z.int().min(1),
  /** Hash (W0) of that version: it is this text that was read. */
  hash: Base64urlSha256,
})
export type AdvisoryAcknowledgement = z.infer<typeof AdvisoryAcknowledgement>
