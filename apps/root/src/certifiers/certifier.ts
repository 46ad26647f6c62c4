import type { VerifiedDecision } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  CERTIFIER_CONTENT,
  CERTIFIERS_A_PAGE,
  EntityId,
  certifierFault,
  signCertifierList,
  type CertifierEntry,
  type CertifierState,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { z } from 'zod'

import type { ListRules } from '../lists/decided-list.ts'
import { withEntry } from '../lists/list-chain.ts'

/** Where the list is served. */
export const CERTIFIERS_PATH = '/v1/certifiers'

/** Acts about certifiers, and what each of the moves leads from and to. */
export const REGISTER_CERTIFIER = 'certifier:register'
export const CERTIFIER_MOVES = {
  'certifier:suspend': { from: ['active'], to: 'suspended' },
  'certifier:resume': { from: ['suspended'], to: 'active' },
  'certifier:remove': { from: ['active', 'suspended'], to: 'removed' },
} as const satisfies Record<string, { from: readonly CertifierState[]; to: CertifierState }>
export type CertifierMove = keyof typeof CERTIFIER_MOVES
export const CERTIFIER_ACTS: readonly string[] = [REGISTER_CERTIFIER, ...Object.keys(CERTIFIER_MOVES)]

/** Everything that the list says of a certifier, but how it stands and by which decision. */
export const CertifierPayload = z.strictObject(CERTIFIER_CONTENT)
export type CertifierPayload = z.infer<typeof CertifierPayload>

/** Which certifier is moved. */
export const CertifierMovePayload = z.strictObject({ entity_id: EntityId })
export type CertifierMovePayload = z.infer<typeof CertifierMovePayload>

function moveOf(kind: string): (typeof CERTIFIER_MOVES)[CertifierMove] | undefined {
  return Object.hasOwn(CERTIFIER_MOVES, kind) ? CERTIFIER_MOVES[kind as CertifierMove] : undefined
}

/**
 * Judges a registration. One that has ended may be followed by another of the same certifier; a removal is final.
 *
 * @throws RegistryError `certifier-known`, `request-invalid`.
 */
export function demandRegistrable(
  entries: readonly CertifierEntry[],
  payload: CertifierPayload,
  now: number,
): void {
  const fault = certifierFault(payload)
  if (fault !== undefined) throw new RegistryError('request-invalid', fault.detail)
  if (payload.valid_until <= now) throw new RegistryError('request-invalid', 'valid_until is past')
  const known = entries.find((entry) => entry.entity_id === payload.entity_id)
  if (known !== undefined && (known.state === 'removed' || known.valid_until > now))
    throw new RegistryError(
      'certifier-known',
      `${payload.entity_id} is registered already, and ${known.state}`,
    )
}

/** Judges a move. @throws RegistryError `certifier-not-found`, `certifier-state`. */
export function demandMovable(
  entries: readonly CertifierEntry[],
  entityId: string,
  move: CertifierMove,
): CertifierEntry {
  const known = entries.find((entry) => entry.entity_id === entityId)
  if (known === undefined)
    throw new RegistryError('certifier-not-found', `${entityId} was never registered as a certifier`)
  const from: readonly CertifierState[] = CERTIFIER_MOVES[move].from
  if (!from.includes(known.state))
    throw new RegistryError('certifier-state', `The certifier is ${known.state}`)
  return known
}

/** The certifiers after one more decision; undefined where it fits none of them. */
export function turnCertifiers(
  entries: readonly CertifierEntry[],
  decision: Pick<VerifiedDecision, 'kind' | 'payload' | 'hash' | 'decidedAt'>,
): readonly CertifierEntry[] | undefined {
  const standing = { state_since: numericDate(decision.decidedAt), decision: decision.hash }
  const put = (entry: CertifierEntry) => withEntry(entries, entry, ({ entity_id: entityId }) => entityId)
  if (decision.kind === REGISTER_CERTIFIER) {
    const payload = CertifierPayload.safeParse(decision.payload)
    return payload.success ? put({ ...payload.data, state: 'active', ...standing }) : undefined
  }
  const move = moveOf(decision.kind)
  const payload = CertifierMovePayload.safeParse(decision.payload)
  const known = entries.find((entry) => payload.success && entry.entity_id === payload.data.entity_id)
  return move === undefined || known === undefined
    ? undefined
    : put({ ...known, state: move.to, ...standing })
}

/** The list of certifiers, in the order of their registration. */
export const CERTIFIER_LIST_RULES: ListRules<CertifierEntry> = {
  kinds: CERTIFIER_ACTS,
  entriesAPage: CERTIFIERS_A_PAGE,
  first: [],
  turn: (entries, decision) => Promise.resolve(turnCertifiers(entries, decision)),
  sign: async (signer, page) => await signCertifierList(signer, { ...page, entries: [...page.entries] }),
}
