import { prefixesOverlap, readRootPrefix } from '@arc3088/codec'
import { z } from 'zod'

import { Base64urlSha256, EntityId, Line, NumericDate, Sha256Digest, SubjectText, WebUri } from './claims.ts'
import { KEYS_PER_SET_MAX } from './jwk.ts'
import type { Rejected } from './verification.ts'
import { rejected } from './verification.ts'

/** W9: 2 ≤ N ≤ 16. */
export const AGREEMENT_PARTIES_MIN = 2
export const AGREEMENT_PARTIES_MAX = 16

const PREFIXES_MAX = 16
const NAMES_MAX = 64
const VKEYS_MAX = 16
const VERSIONS_MAX = 35
const NOTICE_DAYS_MAX = 3650
const PATH_LENGTH_MAX = 8
const STATUS_TTL_MAX = 7 * 86_400

/** `urn:uuid:` and a UUID in lower case (RFC 9562): the name of an agreement. */
export const AgreementId = z
  .string()
  .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
export type AgreementId = z.infer<typeof AgreementId>

function distinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}

function distinctArray<T extends z.ZodType<string>>(item: T, { min, max }: { min: number; max: number }) {
  return z.array(item).min(min).max(max).refine(distinct, { error: 'something stands twice' })
}

const Thumbprints = distinctArray(Base64urlSha256, { min: 1, max: KEYS_PER_SET_MAX })

/** The prefixes of a root: numeric OIDs, none below another. */
export const RecognisedPrefixes = z
  .array(SubjectText)
  .min(1)
  .max(PREFIXES_MAX)
  .refine((prefixes) => prefixOverlap(prefixes.map((prefix) => [prefix])) === undefined, {
    error: 'not root prefixes that are apart from each other',
  })

/**
 * The first pair of prefixes of different groups that overlap, or a text that is no root prefix. Two groups are the
 * prefixes of two roots (annex B c): where they overlap the roots share codes.
 */
export function prefixOverlap(groups: readonly (readonly string[])[]): string | undefined {
  for (const [i, group] of groups.entries()) {
    for (const text of group) {
      const prefix = readRootPrefix(text)
      if (typeof prefix !== 'string') return `${text} is not a root prefix`
      for (const other of groups.slice(i + 1).flat()) {
        const read = readRootPrefix(other)
        if (typeof read === 'string' && prefixesOverlap(prefix, read)) return `${text} and ${other} overlap`
      }
    }
  }
  return undefined
}

/** One root's part in an agreement (W9). */
export const AgreementParty = z.object({
  entity_id: EntityId,
  territory: Line,
  code_prefixes: RecognisedPrefixes,
  /** Of its federation keys: one of them signs the agreement, and any of them its events. */
  jwks_thumbprints: Thumbprints,
  /** Of its root keys, which sign its key sets (W1). */
  root_keys_thumbprints: Thumbprints,
  /** Of its own log; empty while it has none. */
  tlog_vkeys: z.array(Line).max(VKEYS_MAX),
  contact: Line,
})
export type AgreementParty = z.infer<typeof AgreementParty>

const LEVELS = ['provider', 'requester', 'ontology', 'instance'] as const

/** What is recognised (W9). */
export const RecognitionScope = z.object({
  /** Where false, the first party recognises the codes of the others, and nothing else follows. */
  reciprocal: z.boolean(),
  levels: z.array(z.enum(LEVELS)).min(1).refine(distinct, { error: 'a level stands twice' }),
  scheme_versions: distinctArray(z.string().regex(/^[1-9A-Z]$/), { min: 1, max: VERSIONS_MAX }),
  /** `resolution`: codes resolve and verify at the other party. Other words bind nobody here. */
  purposes: distinctArray(Line, { min: 1, max: NAMES_MAX }),
})
export type RecognitionScope = z.infer<typeof RecognitionScope>

/** The purpose without which a code of another root is not recognised here. */
export const RESOLUTION_PURPOSE = 'resolution'

/** Under which conditions a chain of another party counts (W9). */
export const RecognitionConstraints = z.object({
  /** Entities between the recognising root and the leaf; the recognised root is the first (OpenID Federation 1.0 §6.2.1). */
  max_path_length: z.int().min(0).max(PATH_LENGTH_MAX),
  /** Hosts of entity identifiers below the recognised root; `.example` is any host below it (§6.2.2). Absent: any. */
  naming_constraints: z
    .object({ permitted: distinctArray(Line, { min: 1, max: NAMES_MAX }) })
    .exactOptional(),
  algs: z
    .array(z.enum(['ES256', 'Ed25519']))
    .min(1)
    .refine(distinct, { error: 'an algorithm stands twice' }),
  /** Age in seconds at which a status list token is too old, whatever its own `exp`. */
  max_status_ttl: z.int().min(1).max(STATUS_TTL_MAX),
})
export type RecognitionConstraints = z.infer<typeof RecognitionConstraints>

/** The terms of mutual recognition (W9): the payload that every party signs. */
export const RecognitionAgreement = z.object({
  jti: AgreementId,
  version: z.int().min(1),
  /** The version before, which this one replaces from its `nbf`; null in version 1. */
  supersedes: z.object({ jti: AgreementId, hash: Base64urlSha256 }).nullable(),
  iat: NumericDate,
  nbf: NumericDate,
  exp: NumericDate,
  review_by: NumericDate,
  notice_period_days: z.int().min(0).max(NOTICE_DAYS_MAX),
  parties: z.array(AgreementParty).min(AGREEMENT_PARTIES_MIN).max(AGREEMENT_PARTIES_MAX),
  scope: RecognitionScope,
  constraints: RecognitionConstraints,
  /** `mutual`: each party witnesses the logs of the others. */
  witnessing: z.object({ mutual: z.boolean() }),
  legal: z.object({
    document_uri: WebUri,
    document_digest: Sha256Digest,
    governing_language: distinctArray(Line, { min: 1, max: NAMES_MAX }),
  }),
})
export type RecognitionAgreement = z.infer<typeof RecognitionAgreement>

function partiesFault(parties: readonly AgreementParty[]): string | undefined {
  if (!distinct(parties.map((party) => party.entity_id))) return 'an entity is a party twice'
  const keys = parties.flatMap((party) => [...party.jwks_thumbprints, ...party.root_keys_thumbprints])
  if (!distinct(keys)) return 'a key stands twice: with two parties, or for two purposes'
  return prefixOverlap(parties.map((party) => party.code_prefixes))
}

function datesFault({ iat, nbf, exp, review_by }: RecognitionAgreement): string | undefined {
  if (nbf < iat) return 'nbf is before iat'
  if (exp <= nbf) return 'exp is not after nbf'
  return review_by < nbf || review_by > exp ? 'review_by is not between nbf and exp' : undefined
}

function versionFault({ jti, version, supersedes }: RecognitionAgreement): string | undefined {
  if ((version === 1) !== (supersedes === null)) return 'supersedes is null in version 1 and only there'
  return supersedes?.jti === jti ? 'an agreement does not replace itself' : undefined
}

/** What the schema cannot say of an agreement's terms. */
export function agreementFault(claims: RecognitionAgreement): Rejected | undefined {
  const why = partiesFault(claims.parties) ?? datesFault(claims) ?? versionFault(claims)
  return why === undefined ? undefined : rejected('claims-invalid', why)
}
