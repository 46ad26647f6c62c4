import { z } from '@hono/zod-openapi'

const newName = () => z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'small letters, digits and hyphens')

/** What a range is called within its level. */
export const RangeName = newName()

/** What a business type is called, by the range that serves it and by the requests that it serves (GB/Z 185.2 5.6 a). */
export const BusinessTypeName = newName()

/** The member of a request that names its business type. */
export const BUSINESS_TYPE_MEMBER = BusinessTypeName.optional().openapi({
  description: 'numbers come from the ranges of this business type; left out, from those that serve any',
})
