import { parseInstanceNumber } from '@arc3088/codec'
import { BusinessTypeName, readWish, type Settled } from '@arc3088/issuer'
import { RegistryError, toProblemDetails } from '@arc3088/problems'
import { parseStrictJson, StrictJsonError } from '@arc3088/records'
import type { IdempotencyKey } from '@arc3088/service'
import { z } from 'zod'

import { BULK_LINE_BYTES_MAX } from './bulk-limits.ts'
import { readRegistrationKey } from './registration-key.ts'

/** One line as it came: its text, or why it has none. Lines count from 1. */
export type BulkLine =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly fault: 'too-long' | 'not-utf8' }

/** What a line asks for. */
export interface BulkWish {
  readonly key: string
  readonly wish: number | undefined
  readonly businessType: string | undefined
  readonly idempotency: IdempotencyKey
}

/** One line of a bulk registration; `key` is the Idempotency-Key of a single one. */
export const BulkRegistration = z.strictObject({
  key: z.string().min(1).max(255).describe('the Idempotency-Key of this line'),
  serial: z
    .string()
    .min(1)
    .max(9)
    .exactOptional()
    .describe('an instance serial; left out, the plan gives one'),
  business_type: BusinessTypeName.exactOptional().describe(
    'numbers come from the ranges of this business type; left out, from those that serve any',
  ),
})

/** The answer to one line, at its place. `replayed` where the key had been answered before. */
export const BulkAnswer = z.strictObject({
  line: z.int(),
  key: z.string().exactOptional(),
  code: z.string().exactOptional(),
  record: z.string().exactOptional(),
  replayed: z.literal(true).exactOptional(),
  problem: z.looseObject({}).exactOptional(),
})

/** The last line of a stream: how many there were of each; or, of one that broke off, why, and nothing else. */
export const BulkEnd = z.union([
  z.strictObject({ lines: z.int(), assigned: z.int(), replayed: z.int(), refused: z.int() }),
  z.strictObject({ problem: z.looseObject({}) }),
])

/**
 * Reads a line as the registration that a single request with this key would be, so that both can retry each other.
 *
 * @throws RegistryError for a line that is none; `key` says whose it is, as far as that can be read.
 */
export function readBulkLine(given: BulkLine, ontology: string): BulkWish {
  if ('fault' in given) throw faultOf(given.fault)
  const registration = BulkRegistration.safeParse(parseLine(given.text))
  if (!registration.success) {
    const [issue] = registration.error.issues
    const where = issue === undefined || issue.path.length === 0 ? 'line' : issue.path.join('.')
    throw new RegistryError('request-invalid', `${where}: ${issue?.message ?? 'is not valid'}`)
  }
  const { key, serial, business_type: businessType } = registration.data
  const wish = readWish(parseInstanceNumber, serial)
  const idempotency = readRegistrationKey(key, { ontology: { text: ontology }, wish, businessType })
  return { key, wish, businessType, idempotency }
}

/** The key of a line that could not be taken, where it has exactly one. */
export function keyOfRefused(given: BulkLine): string | undefined {
  if ('fault' in given) return undefined
  try {
    const value = parseStrictJson(given.text)
    const key: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'key') : undefined
    return typeof key === 'string' ? key : undefined
  } catch (error) {
    if (error instanceof StrictJsonError) return undefined
    throw error
  }
}

/** A line that got its code. Codes and records have no character that JSON would escape. */
export function formatAssigned(
  line: number,
  key: string,
  { subject, record, replayed }: Extract<Settled, { kind: 'assigned' }>,
): string {
  const tail = replayed ? ',"replayed":true}' : '}'
  return `{"line":${line},"key":${JSON.stringify(key)},"code":"${subject.text}","record":"${record}"${tail}\n`
}

/** A line that was refused; the error is said as it would be of a single registration. */
export function formatRefused(
  line: number,
  key: string | undefined,
  refusal: { error: unknown; instance: string },
): string {
  const problem = toProblemDetails(refusal.error, refusal.instance)
  return `${JSON.stringify(key === undefined ? { line, problem } : { line, key, problem })}\n`
}

/** The last line of a stream that broke off: never a summary. */
export function formatBreak(error: unknown, instance: string): string {
  return `${JSON.stringify({ problem: toProblemDetails(error, instance) })}\n`
}

function parseLine(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    throw new RegistryError('request-invalid', `line: ${error.message}`, {
      extra: { fault: error.fault },
      cause: error,
    })
  }
}

function faultOf(fault: 'too-long' | 'not-utf8'): RegistryError {
  return fault === 'too-long'
    ? new RegistryError('body-too-large', `A line holds at most ${BULK_LINE_BYTES_MAX} bytes`)
    : new RegistryError('request-invalid', 'line: is not UTF-8', { extra: { fault: 'json-invalid' } })
}
