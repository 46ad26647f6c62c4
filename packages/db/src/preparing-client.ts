import pg from 'pg'

/**
 * Texts that a process prepares, at most: each costs memory in every connection that runs it. A service has about a
 * hundred; more than this many would mean that values stand in texts.
 */
const PREPARED_TEXTS_MAX = 400

const names = new Map<string, string>()

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= PREPARED_TEXTS_MAX) return known
  const name = `s${names.size}`
  names.set(text, name)
  return name
}

/** Only these gain by being prepared. */
const PREPARABLE = /^\s*(select|insert|update|delete|with)\b/i

/**
 * Sends every statement with parameters as a named, prepared one: parsed once a connection, and after five runs
 * planned once too. On a partitioned table planning costs more than a small statement itself.
 */
export class PreparingClient extends pg.Client {
  /** As pg's own; every other form of call passes through untouched. */
  override query = ((...call: readonly unknown[]) => {
    const [text, values, ...rest] = call
    if (typeof text === 'string' && Array.isArray(values) && rest.length === 0 && PREPARABLE.test(text)) {
      const name = nameOf(text)
      if (name !== undefined) return super.query({ name, text, values })
    }
    return Reflect.apply(super.query, this, call) as unknown
  }) as pg.Client['query']
}
