import { randomUUID } from 'node:crypto'

import { UsageError } from '../failure.ts'

/** Why an act is done; it stands in the audit trail. */
export const REASON_OPTION = { reason: { type: 'string' } } as const

/** The option of every act that assigns: the same key again gets the same bytes again. */
export const KEY_OPTION = { 'idempotency-key': { type: 'string' } } as const

/** The key as a header. Who gives none gets one, and cannot retry. */
export function keyHeader(values: { readonly 'idempotency-key'?: string | undefined }) {
  const key = values['idempotency-key'] ?? randomUUID()
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new UsageError('--idempotency-key: 1 to 255 visible ASCII characters')
  return { 'idempotency-key': key }
}

/** A page of a list. */
export const PAGE_OPTIONS = {
  state: { type: 'string' },
  before: { type: 'string' },
  limit: { type: 'string' },
} as const

/** The page as query parameters. @throws UsageError */
export function pageOf(values: {
  readonly before?: string | undefined
  readonly limit?: string | undefined
}): {
  before?: string
  limit?: number
} {
  const { before, limit } = values
  if (limit !== undefined && !/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError('--limit: 1 to 1000')
  return {
    ...(before === undefined ? {} : { before }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  }
}

/** One of the words that a node knows. @throws UsageError */
export function oneOf<Word extends string>(
  value: string | undefined,
  words: readonly Word[],
  option: string,
): Word | undefined {
  if (value === undefined) return undefined
  const word = words.find((known) => known === value)
  if (word === undefined) throw new UsageError(`--${option}: one of ${words.join(', ')}`)
  return word
}
