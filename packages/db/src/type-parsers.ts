import pg from 'pg'

const INT8 = 20
const INT8_ARRAY = 1016
const DATE = 1082

/** Reads PostgreSQL's bigint text; throws a RangeError where a number could not hold it exactly. */
export function parseSafeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is not a safe integer`)
  return value
}

type Parser = (value: string) => unknown

/** Typed for the oids that pg has names for; 1016 is not among them, though it has a parser. */
const standardParser: (oid: number, format: 'text' | 'binary') => Parser = pg.types.getTypeParser

/** pg's own parsers, but for the types where its answer would be text or would depend on the local time zone. */
export function getTypeParser(oid: number, format?: string): Parser {
  if (format !== 'binary') {
    if (oid === INT8) return parseSafeInteger
    if (oid === INT8_ARRAY) return parseInt8Array
    if (oid === DATE) return (text) => text
  }
  return standardParser(oid, format === 'binary' ? 'binary' : 'text')
}

function parseInt8Array(text: string): unknown {
  const values = standardParser(INT8_ARRAY, 'text')(text)
  if (!Array.isArray(values)) throw new TypeError('not a bigint array')
  return values.map((value: unknown) => (typeof value === 'string' ? parseSafeInteger(value) : null))
}
