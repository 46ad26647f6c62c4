import fc from 'fast-check'

import { follow, type Contract, type Schema } from './contract.ts'

const ITEMS_MAX = 3
const DEPTH_MAX = 8
const TEXT_LENGTH_MAX = 64

/** Values that a schema takes, as far as the generator understands it; refinements that stand in code alone are not kept. */
export function valuesOf({ document }: Contract, given: Schema, depth = 0): fc.Arbitrary<unknown> {
  const schema = follow(document, given)
  const inner = (part: Schema) => valuesOf({ document, operations: [] }, part, depth + 1)
  if (depth > DEPTH_MAX) return fc.constant(null)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(inner))
  if (schema.allOf !== undefined)
    return fc.tuple(...schema.allOf.map(inner)).map((parts): unknown => Object.assign({}, ...parts))
  const types = schema.type === undefined ? [] : [schema.type].flat()
  if (types.length > 1) return fc.oneof(...types.map((type) => inner({ ...schema, type })))
  return ofType(schema, types[0], inner)
}

function ofType(
  schema: Schema,
  type: string | undefined,
  inner: (part: Schema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return texts(schema)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1e6, max: Math.min(schema.maximum ?? 1e6, 2 ** 31 - 1) })
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const minLength = schema.minItems ?? 0
      const maxLength = Math.max(minLength, Math.min(schema.maxItems ?? ITEMS_MAX, ITEMS_MAX))
      return fc.array(inner(schema.items ?? {}), { minLength, maxLength })
    }
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(([name, part]) => [name, inner(part)])
      const known = Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>
      return fc.record(known, { requiredKeys: [...(schema.required ?? [])] })
    }
    default:
      return fc.jsonValue()
  }
}

function texts({
  format,
  pattern,
  minLength = 0,
  maxLength = TEXT_LENGTH_MAX,
}: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  if (format === 'uuid') return fc.uuid()
  if (format === 'uri') return fc.webUrl()
  const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, TEXT_LENGTH_MAX)) }
  if (pattern === undefined) return fc.string({ ...bounds, unit: 'binary' })
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: TEXT_LENGTH_MAX })
  } catch {
    // A pattern with an assertion in it, which the generator does not read.
    return fc.string(bounds)
  }
}
