import { EntityId, OwnLog, PublicJwkSet } from '@arc3088/records'
import { z } from 'zod'

/** A provider code as people write it. */
export const ProviderCodeText = z.string().min(1).max(6)

/** Which provider an act is about: its code, and the entity that it is when the act is proposed. */
const Subject = { provider: ProviderCodeText, entity_id: EntityId }

/** `provider:suspend` and `provider:resume`. */
export const StatePayload = z.strictObject(Subject)
export type StatePayload = z.infer<typeof StatePayload>

/** An entity that is to be a provider, as its own address showed it: exactly these keys, and the log that goes on there. */
const Destination = z.strictObject({ entity_id: EntityId, jwks: PublicJwkSet, log: OwnLog.nullable() })
export type Destination = z.infer<typeof Destination>

/** Who keeps what a retired provider left: another provider, as it is when that is decided. */
const Custodian = z.strictObject({ provider: ProviderCodeText, entity_id: EntityId, jwks: PublicJwkSet })
export type Custodian = z.infer<typeof Custodian>

/**
 * `provider:retire`: with the custodian and the node of its own that serves what is left, or none of both: its codes are
 * frozen as they are. Before there were such nodes, a custodian was decided without one.
 */
export const RetirePayload = z.strictObject({
  ...Subject,
  custodian: Custodian.nullable(),
  custody: Destination.nullable().default(null),
})
export type RetirePayload = z.infer<typeof RetirePayload>

/** `provider:replace-keys`: the federation keys that stand from then on, instead of all that stood. */
export const ReplaceKeysPayload = z.strictObject({ ...Subject, jwks: PublicJwkSet })
export type ReplaceKeysPayload = z.infer<typeof ReplaceKeysPayload>

/**
 * `provider:move`: another entity is this provider from then on, with these keys and its log at another address. Of what a
 * retired one left also whose custody it is; null for any other provider.
 */
export const MovePayload = z.strictObject({
  ...Subject,
  to: Destination,
  custodian: Custodian.nullable().default(null),
})
export type MovePayload = z.infer<typeof MovePayload>
