import { RegistryError } from '@arc3088/problems'
import { PROVIDER_ENTITY_TYPE } from '@arc3088/records'
import { z } from '@hono/zod-openapi'

const ENTITY_TYPES_MAX = 16
const ENTITY_ID_LENGTH_MAX = 2048
const ENTITY_TYPE_LENGTH_MAX = 64

/** An entity identifier to look for: a URL is printable ASCII, and SQL cannot even be asked for a NUL. */
export const EntityIdAsked = z
  .string()
  .min(1)
  .max(ENTITY_ID_LENGTH_MAX)
  .regex(/^[!-~]*$/, 'not an entity identifier')

/** A Boolean of a query. */
export const QueryBoolean = z.enum(['true', 'false']).transform((text) => text === 'true')

/** A parameter that may stand more than once. */
export function repeatable<Item extends z.ZodType<string, string>>(item: Item, max: number) {
  return z.union([item.transform((one) => [one]), z.array(item).min(1).max(max)])
}

/** The filters of both listings (OpenID Federation 1.0 section 8.2.1). Other parameters are ignored. */
export const LISTING_FILTERS = {
  entity_type: repeatable(z.string().min(1).max(ENTITY_TYPE_LENGTH_MAX), ENTITY_TYPES_MAX).optional(),
  trust_marked: z.string().optional(),
  trust_mark_type: z.union([z.string(), z.array(z.string())]).optional(),
  intermediate: QueryBoolean.optional(),
}

interface ListingFilter {
  readonly entity_type?: readonly string[] | undefined
  readonly trust_marked?: string | undefined
  readonly trust_mark_type?: string | readonly string[] | undefined
  readonly intermediate?: boolean | undefined
}

/**
 * True where the filters leave all subordinates, false where they leave none: every one of them is a provider, and a
 * leaf.
 *
 * @throws RegistryError `parameter-unsupported` for trust marks, which this root does not give.
 */
export function leavesProviders(filter: ListingFilter): boolean {
  for (const name of ['trust_marked', 'trust_mark_type'] as const) {
    if (filter[name] !== undefined)
      throw new RegistryError('parameter-unsupported', `This root gives no trust marks: ${name}`)
  }
  if (filter.intermediate === true) return false
  return filter.entity_type === undefined || filter.entity_type.includes(PROVIDER_ENTITY_TYPE)
}
