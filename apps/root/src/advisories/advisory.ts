import { readSubject, type RootPrefix } from '@arc3088/codec'
import type { VerifiedDecision } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  ADVISORY_BYTES_MAX,
  ADVISORY_CONTENT,
  ADVISORY_STATES,
  Advisory,
  AdvisoryId,
  Base64urlSha256,
  decodeCompact,
  jcsDigest,
  TYP,
  type AdvisoryEntry,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { z } from 'zod'

/** Acts that make a version of an advisory. */
export const PUBLISH_ADVISORY = 'advisory:publish'
export const REVISE_ADVISORY = 'advisory:revise'
export const WITHDRAW_ADVISORY = 'advisory:withdraw'
export const ADVISORY_ACTS = [PUBLISH_ADVISORY, REVISE_ADVISORY, WITHDRAW_ADVISORY] as const

/** Everything that the root signs of one version, but who signs it, when, and on whose decision. */
export const AdvisoryPayload = z.strictObject({
  advisory: AdvisoryId,
  version: z.int().min(1),
  prev: Base64urlSha256.exactOptional(),
  ...ADVISORY_CONTENT,
  state: z.enum(ADVISORY_STATES),
})
export type AdvisoryPayload = z.infer<typeof AdvisoryPayload>

/** What the root signs of a version, and only of one that was decided. */
export function advisoryOf(
  entityId: string,
  decision: Pick<VerifiedDecision, 'hash' | 'decidedAt'> & { payload: AdvisoryPayload },
): Advisory {
  const { advisory, ...said } = decision.payload
  return {
    iss: entityId,
    sub: advisory,
    iat: numericDate(decision.decidedAt),
    ...said,
    decision: decision.hash,
  }
}

/** How a version stands in the list. */
export function entryOf(
  { sub, version, state, kind, severity, title, affected }: Advisory,
  hash: string,
): AdvisoryEntry {
  return { id: sub, version, hash, state, kind, severity, title, affected }
}

/** True where a signed text says exactly what was decided, no more and no less. */
export async function saysExactly(jws: string, decided: Advisory): Promise<boolean> {
  const decoded = decodeCompact(jws, { typ: TYP.advisory, bytesMax: ADVISORY_BYTES_MAX })
  return decoded.kind !== 'rejected' && (await jcsDigest(decoded.claims)) === (await jcsDigest(decided))
}

/**
 * The canonical spelling of codes and code prefixes below this root or below one that it has pinned, each once.
 *
 * @throws RegistryError `code-malformed`.
 */
export function canonicalSubjects(texts: readonly string[], prefixes: readonly RootPrefix[]): string[] {
  const canonical = texts.map((text) => {
    const subject = readSubject(text, { prefixes })
    if (subject.kind !== 'malformed') return subject.text
    const { reason, segment, offset, clause } = subject
    throw new RegistryError('code-malformed', `${text}: ${segment}: ${reason}`, {
      extra: { reason, segment, offset, clause },
    })
  })
  return [...new Set(canonical)]
}

/** The providers of this root that an advisory concerns: each answers for one of its codes. */
export function concernedProviders(affected: readonly string[], prefix: RootPrefix): number[] {
  const numbers = affected.flatMap((text) => {
    const subject = readSubject(text, { prefixes: [prefix] })
    return subject.kind === 'malformed' ? [] : [Number(subject.provider)]
  })
  return [...new Set(numbers)].toSorted((a, b) => a - b)
}

/** Whether an advisory may be followed by another version: what was withdrawn stays so. */
export function demandPublished(entry: AdvisoryEntry | undefined, id: string): AdvisoryEntry {
  if (entry === undefined) throw new RegistryError('advisory-not-found', `There is no advisory ${id}`)
  if (entry.state === 'withdrawn') throw new RegistryError('advisory-state', 'The advisory is withdrawn')
  return entry
}

/** The bare UUID of an advisory, as it stands in addresses and tables. */
export function uuidOf(id: string): string {
  return id.slice('urn:uuid:'.length)
}

/** The name of the advisory with a UUID. */
export function advisoryIdOf(uuid: string): string {
  return `urn:uuid:${uuid.toLowerCase()}`
}
