import type { RootKeySetJws } from '@arc3088/records'
import { AGREEMENT_EVENTS_MAX, GeneralJws, StrictJsonError, parseStrictJson } from '@arc3088/records'

import { readKeySets } from './key-sets.ts'

/** What a root serves beside an agreement. */
export interface AgreementHistory {
  readonly events: readonly string[]
  /** Key sets of parties of whom nothing stands in the root's list. Whose they are, the agreement's thumbprints say. */
  readonly rootKeys: readonly RootKeySetJws[]
}

/**
 * Reads what a root serves as the events of an agreement (W9): `{"events": ["<jws>", …], "root_keys": […]}`, of which the
 * second may be left out. Undefined for anything else.
 */
export function readAgreementHistory(body: string): AgreementHistory | undefined {
  const value = readJson(body)
  if (typeof value !== 'object' || value === null || !('events' in value)) return undefined
  const { events } = value
  if (!Array.isArray(events) || events.length > AGREEMENT_EVENTS_MAX) return undefined
  const texts = events.filter((event) => typeof event === 'string' && event !== '')
  const rootKeys = 'root_keys' in value ? readKeySets(JSON.stringify(value.root_keys)) : []
  return texts.length === events.length && rootKeys !== undefined ? { events: texts, rootKeys } : undefined
}

/** Reads what a root serves as an agreement (W9): a General JWS. Undefined for anything else. */
export function readAgreementJws(body: string): GeneralJws | undefined {
  const parsed = GeneralJws.safeParse(readJson(body))
  return parsed.success ? parsed.data : undefined
}

function readJson(body: string): unknown {
  try {
    return parseStrictJson(body)
  } catch (error) {
    if (error instanceof StrictJsonError) return undefined
    throw error
  }
}
