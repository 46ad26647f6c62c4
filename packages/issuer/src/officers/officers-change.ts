import { PublicJwk } from '@arc3088/records'
import { z } from 'zod'

export { OFFICERS_CHANGE } from '@arc3088/records'

/** What decides the next officer set: exactly the members of that set that its officers chose. */
export const OfficersChange = z.looseObject({
  keys: z.array(PublicJwk),
  threshold: z.int(),
  thresholds: z.record(z.string(), z.int()).optional(),
})
