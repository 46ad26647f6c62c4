import { z } from 'zod'

import { STATUS_LIST_SIZE } from './status-list.ts'

const URI_LENGTH_MAX = 2048
const TEXT_LENGTH_MAX = 256
/** The year 9999: later numbers are milliseconds by mistake. */
const NUMERIC_DATE_MAX = 253_402_300_799

/** Clock difference tolerated between signer and verifier (W0). */
export const CLOCK_SKEW_SECONDS = 60

/** Whole seconds since 1970-01-01T00:00:00Z (RFC 7519 §2). */
export const NumericDate = z.int().min(0).max(NUMERIC_DATE_MAX)
export type NumericDate = z.infer<typeof NumericDate>

/** The NumericDate an instant falls in. */
export function toNumericDate(instant: Date): NumericDate {
  return Math.floor(instant.getTime() / 1000)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/** The address as `URL` spells it, or `undefined` unless it is https, or http to the machine itself. */
function webUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== '' || url.password !== '' || url.hash !== '') return undefined
  if (url.protocol === 'https:') return url
  return url.protocol === 'http:' && isLoopback(url.hostname) ? url : undefined
}

/** An https address in the spelling `URL` gives it; http only to the machine itself. */
export const WebUri = z
  .string()
  .max(URI_LENGTH_MAX)
  .refine((text) => webUrl(text)?.href === text, { error: 'not an https address in canonical spelling' })

/** An OpenID Federation entity identifier: a {@link WebUri} without query; the root path may be left out, as is usual. */
export const EntityId = z
  .string()
  .max(URI_LENGTH_MAX)
  .refine(
    (text) => {
      const url = webUrl(text)
      return url !== undefined && url.search === '' && (url.href === text || url.href === `${text}/`)
    },
    { error: 'not an entity identifier in canonical spelling' },
  )

/** An address or an address template such as `…/v1/codes/{code}`; what fetches it checks it again. */
export const UriTemplate = z.string().min(1).max(URI_LENGTH_MAX)

/** A short line for people. */
export const Line = z.string().min(1).max(TEXT_LENGTH_MAX)

/** Text of a code or code prefix; whether it is canonical is checked where its level is known. */
export const SubjectText = z.string().min(1).max(TEXT_LENGTH_MAX)

export const Base64urlSha256 = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

export const Sha256Digest = z.templateLiteral(['sha-256:', Base64urlSha256])

/** Where the status of a signed document is found (Token Status List §6.1). */
export const StatusReference = z.object({
  uri: WebUri,
  /** Entry number; beyond {@link STATUS_LIST_SIZE} no list of ours has an entry. */
  idx: z.int().min(0),
})
export type StatusReference = z.infer<typeof StatusReference>

/** The `status` claim: from the first day in every record (W3) and in every subordinate statement (W2). */
export const StatusClaim = z.object({ status_list: StatusReference })
export type StatusClaim = z.infer<typeof StatusClaim>

/** Builds the `status` claim, refusing an entry no list can have. */
export function statusClaim(uri: string, idx: number): StatusClaim {
  if (!Number.isInteger(idx) || idx < 0 || idx >= STATUS_LIST_SIZE)
    throw new RangeError('no such status list entry')
  return { status_list: { uri, idx } }
}

const VKEYS_MAX = 16

/** What a node says of its own transparency log, once it has one (W8). Who witnesses it, its superior says. */
export const OwnLog = z.object({
  url: UriTemplate,
  origin: Line,
  vkeys: z.array(Line).min(1).max(VKEYS_MAX),
})
export type OwnLog = z.infer<typeof OwnLog>

/** A transparency log as its anchor's statement names it (W1, W2, W8): with its witnesses and how many of them it takes. */
export const LogMetadata = OwnLog.extend({
  witnesses: z
    .array(z.object({ vkey: Line, url: UriTemplate }))
    .max(VKEYS_MAX)
    .exactOptional(),
  /** Cosignatures a proof needs; 0 asks for none. */
  quorum: z.int().min(0).max(VKEYS_MAX),
})
export type LogMetadata = z.infer<typeof LogMetadata>
