import { GeneralJws, StrictJsonError, parseStrictJson } from '@arc3088/records'

/** As many as evidence takes. */
const EVENTS_MAX = 512

/** Reads what a root serves as the events of an agreement (W9): `{"events": ["<jws>", …]}`. Undefined for anything else. */
export function readAgreementEvents(body: string): readonly string[] | undefined {
  const value = readJson(body)
  if (typeof value !== 'object' || value === null || !('events' in value)) return undefined
  const { events } = value
  if (!Array.isArray(events) || events.length > EVENTS_MAX) return undefined
  const texts = events.filter((event) => typeof event === 'string' && event !== '')
  return texts.length === events.length ? texts : undefined
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
