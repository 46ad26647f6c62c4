import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { CodeSyntaxError, formatSegment, parseProviderNumber } from '@arc3088/codec'

import { CannotTell, UsageError } from '../failure.ts'
import type { JsonObject } from '../node/json-object.ts'

/** What an application says, option by option; `--file` has all of it as the API takes it. */
export const CONTENT_OPTIONS = {
  file: { type: 'string' },
  name: { type: 'string' },
  'name-en': { type: 'string' },
  country: { type: 'string' },
  contact: { type: 'string' },
  identifier: { type: 'string', multiple: true },
  representative: { type: 'string' },
  position: { type: 'string' },
  evidence: { type: 'string', multiple: true },
  purposes: { type: 'string' },
  scenario: { type: 'string', multiple: true },
  'numbering-plan': { type: 'string' },
  'wished-code': { type: 'string' },
} as const

/** The values of {@link CONTENT_OPTIONS}. */
export type ContentValues = {
  readonly [Name in keyof typeof CONTENT_OPTIONS]?:
    | ((typeof CONTENT_OPTIONS)[Name] extends { multiple: true } ? string[] : string)
    | undefined
}

/**
 * What an application says: what was there (of `--file`, or of the application so far), with each option in the place of
 * its member; identifiers, evidence and scenarios are added to those that are there. The node judges it.
 *
 * @throws UsageError for an option that is written wrongly, CannotTell for a file that cannot be read.
 */
export function readContent(values: ContentValues, soFar: JsonObject = {}): JsonObject {
  const base = values.file === undefined ? soFar : readObject(values.file)
  const organization = {
    ...objectOf(base['organization']),
    ...given('name', values.name),
    ...given('name_en', values['name-en']),
    ...given('country', values.country),
  }
  const wished = values['wished-code']
  const plan = values['numbering-plan']
  return {
    ...base,
    organization,
    ...given('contact', values.contact),
    ...added('identifiers', base, values.identifier?.map(readIdentifier)),
    ...given('legal_representative', representativeOf(values)),
    ...added('evidence', base, values.evidence?.map(readEvidence)),
    ...given('purposes', values.purposes),
    ...added('scenarios', base, values.scenario),
    ...given('numbering_plan', plan === undefined ? undefined : { summary: plan }),
    ...given('wished_code', wished === undefined ? undefined : canonicalProviderCode(wished)),
  }
}

function given(member: string, value: unknown): JsonObject {
  return value === undefined ? {} : { [member]: value }
}

function added(member: string, base: JsonObject, more: readonly unknown[] | undefined): JsonObject {
  if (more === undefined) return {}
  const there: unknown = base[member]
  const known: readonly unknown[] = Array.isArray(there) ? there : []
  return { [member]: [...known, ...more] }
}

function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function representativeOf({ representative: name, position }: ContentValues): JsonObject | undefined {
  if (name === undefined && position !== undefined)
    throw new UsageError('--position: whose? Give --representative')
  return name === undefined ? undefined : { name, ...given('position', position) }
}

/** As `uscc=91110000…`: how a register of its own country knows the organisation. */
function readIdentifier(text: string): JsonObject {
  const [scheme = '', ...rest] = text.split('=')
  if (scheme === '' || rest.length === 0) throw new UsageError('--identifier: SCHEME=VALUE')
  return { scheme, value: rest.join('=') }
}

/** Four words: kind, where it is, the digest (or @ and the file to make it of), and the title, which may have spaces. */
function readEvidence(text: string): JsonObject {
  const [kind, uri, digest, ...title] = text.trim().split(/\s+/)
  if (kind === undefined || uri === undefined || digest === undefined || title.length === 0)
    throw new UsageError('--evidence: "KIND URI sha-256:…|@FILE TITLE"')
  return {
    kind,
    uri,
    digest: digest.startsWith('@') ? digestOf(digest.slice(1)) : digest,
    title: title.join(' '),
  }
}

function digestOf(file: string): string {
  return `sha-256:${createHash('sha256').update(readBytes(file)).digest('base64url')}`
}

function readObject(file: string): JsonObject {
  const text = readBytes(file).toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new UsageError(`--file: ${file} holds no JSON object`)
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new CannotTell(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function canonicalProviderCode(text: string): string {
  try {
    return formatSegment(parseProviderNumber(text))
  } catch (error) {
    if (error instanceof CodeSyntaxError) throw new UsageError(`--wished-code: ${error.message}`)
    throw error
  }
}
