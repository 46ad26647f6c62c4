import { z } from '@hono/zod-openapi'

/** What every endpoint below `/federation/` answers instead of a problem. */
const FederationError = z
  .object({ error: z.string(), error_description: z.string() })
  .openapi('FederationError', { description: 'OpenID Federation 1.0 section 8.9' })

/** The `responses` entry of a refusal in OpenID Federation's own words. */
export function federationRefusal(description: string) {
  return { description, content: { 'application/json': { schema: FederationError } } }
}
