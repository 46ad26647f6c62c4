import { EntityId, OwnLog, PublicJwkSet } from '@arc3088/records'
import { z } from 'zod'

/** A provider code as people write it. */
export const ProviderCodeText = z.string().min(1).max(6)

/** Which provider an act is about: its code, and the entity that it is when the act is proposed. */
const Subject = { provider: ProviderCodeText, entity_id: EntityId }

/** `provider:suspend` and `provider:resume`. */
export const StatePayload = z.strictObject(Subject)
export type StatePayload = z.infer<typeof StatePayload>

/** `provider:retire`: with the provider that serves what it leaves, or none: its codes are frozen as they are. */
export const RetirePayload = z.strictObject({
  ...Subject,
  custodian: z
    .strictObject({ provider: ProviderCodeText, entity_id: EntityId, jwks: PublicJwkSet })
    .nullable(),
})
export type RetirePayload = z.infer<typeof RetirePayload>

/** `provider:replace-keys`: the federation keys that stand from then on, instead of all that stood. */
export const ReplaceKeysPayload = z.strictObject({ ...Subject, jwks: PublicJwkSet })
export type ReplaceKeysPayload = z.infer<typeof ReplaceKeysPayload>

/** `provider:move`: another entity is this provider from then on, with these keys and its log at another address. */
export const MovePayload = z.strictObject({
  ...Subject,
  to: z.strictObject({ entity_id: EntityId, jwks: PublicJwkSet, log: OwnLog.nullable() }),
})
export type MovePayload = z.infer<typeof MovePayload>
