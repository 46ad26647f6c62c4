import { EntityId, Organization, OwnLog, PublicJwk } from '@arc3088/records'
import { z } from 'zod'

/** The kind of a proposal that assigns a provider code. */
export const ASSIGN_PROVIDER = 'provider:assign'

/** Everything that the root signs of a new provider. */
export const AssignProviderPayload = z.strictObject({
  application_id: z.uuid(),
  entity_id: EntityId,
  kind: z.enum(['domestic', 'overseas']),
  organization: Organization,
  territory: z.string(),
  jwks: z.strictObject({ keys: z.array(PublicJwk) }),
  log: OwnLog.nullable(),
  code: z.string().nullable(),
})
export type AssignProviderPayload = z.infer<typeof AssignProviderPayload>
