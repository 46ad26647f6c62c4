import type { VerifiedDecision } from '@arc3088/issuer'
import { EntityId, GeneralJws, RecognisedPrefixes, type RootKeySetJws } from '@arc3088/records'
import { overlapFault } from '@arc3088/trust'
import { z } from 'zod'

/** The kinds of the decisions about whom this root knows. */
export const PIN_FOREIGN_ROOT = 'foreign-root:pin'
export const UNPIN_FOREIGN_ROOT = 'foreign-root:unpin'

/** What officers decide of another root: its key set came to them by another way than the network. */
export const ForeignRootPin = z.strictObject({
  entity_id: EntityId,
  root_keys: GeneralJws,
  /** ISO 3166-1. */
  territory: z.string().regex(/^[A-Z]{2}$/),
  code_prefixes: RecognisedPrefixes,
})
export type ForeignRootPin = z.infer<typeof ForeignRootPin>

export const ForeignRootUnpin = z.strictObject({ entity_id: EntityId })
export type ForeignRootUnpin = z.infer<typeof ForeignRootUnpin>

/** Another root as the officers know it. Its history goes on being verified by its keys after it is unpinned. */
export interface ForeignRoot {
  readonly entityId: string
  readonly rootKeys: RootKeySetJws
  /** What was pinned of it before, oldest first: what was signed then goes on being verified. */
  readonly earlierPins: readonly RootKeySetJws[]
  readonly territory: string
  readonly codePrefixes: readonly string[]
  /** Whether it is listened to, and fetched from. */
  readonly pinned: boolean
  /** The hash of the last decision about it. */
  readonly decision: string
  readonly decidedAt: Date
}

/** Everybody that was ever pinned, by what the officers decided, in their order. A later pin replaces an earlier one for what is signed from then on. */
export function foldPins(decisions: readonly VerifiedDecision[]): ReadonlyMap<string, ForeignRoot> {
  const roots = new Map<string, ForeignRoot>()
  for (const { kind, payload, hash, decidedAt } of decisions) {
    if (kind === PIN_FOREIGN_ROOT) {
      const pin = ForeignRootPin.parse(payload)
      const before = roots.get(pin.entity_id)
      roots.set(pin.entity_id, {
        entityId: pin.entity_id,
        rootKeys: pin.root_keys,
        earlierPins: before === undefined ? [] : [...before.earlierPins, before.rootKeys],
        territory: pin.territory,
        codePrefixes: pin.code_prefixes,
        pinned: true,
        decision: hash,
        decidedAt,
      })
    } else if (kind === UNPIN_FOREIGN_ROOT) {
      const known = roots.get(ForeignRootUnpin.parse(payload).entity_id)
      if (known !== undefined)
        roots.set(known.entityId, { ...known, pinned: false, decision: hash, decidedAt })
    }
  }
  return roots
}

/** Why a root cannot be pinned beside those that are, or undefined. */
export function pinFault(
  pin: ForeignRootPin,
  own: { readonly entityId: string; readonly prefix: string },
  roots: ReadonlyMap<string, ForeignRoot>,
): { because: 'foreign-root-invalid' | 'prefix-overlap'; detail: string } | undefined {
  if (pin.entity_id === own.entityId)
    return { because: 'foreign-root-invalid', detail: 'A root does not pin itself' }
  const others = [...roots.values()].filter((root) => root.pinned && root.entityId !== pin.entity_id)
  const overlap = overlapFault(
    pin.code_prefixes,
    [own.prefix],
    others.flatMap(({ codePrefixes }) => codePrefixes),
  )
  if (overlap === undefined) return undefined
  const detail =
    overlap.with === 'malformed'
      ? `${overlap.prefix} is no root prefix`
      : `${overlap.prefix} overlaps ${overlap.other}, which is ${overlap.with === 'own' ? 'the prefix of this root' : 'of another pinned root'}`
  return { because: 'prefix-overlap', detail }
}
