import { RegistryError } from '@arc3088/problems'
import {
  CERTIFIER_CONTENT,
  CertifierScope,
  LanguageTitle,
  PublicJwk,
  thumbprint,
  type CertifierState,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import { defineAct, type Approved } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { queueList } from '../lists/log-list.ts'
import {
  CERTIFIERS_PATH,
  CertifierMovePayload,
  CertifierPayload,
  REGISTER_CERTIFIER,
  demandMovable,
  demandRegistrable,
  turnCertifiers,
  type CertifierMove,
} from './certifier.ts'

const KEYS_MAX = 16

const Registration = z.strictObject({
  entity_id: CERTIFIER_CONTENT.entity_id,
  name: LanguageTitle.strict(),
  jwks: z.strictObject({ keys: z.array(PublicJwk).min(1).max(KEYS_MAX) }),
  scope: CertifierScope.strict(),
  valid_from: z.iso.datetime(),
  valid_until: z.iso.datetime(),
})
type Registration = z.infer<typeof Registration>

/** What an act about a certifier led to. */
export interface CertifierMoved {
  readonly entity_id: string
  readonly state: CertifierState
  /** Number and digest of the list that says so. */
  readonly list: { readonly seq: number; readonly digest: string }
}

/** Queues the list that a decision makes, and says how the certifier stands in it. */
async function announce(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  approved: Approved<{ entity_id: string }> & { kind: string },
): Promise<CertifierMoved> {
  const { certifiers } = deps.lists
  const { entries } = await certifiers.standing()
  const next = turnCertifiers(entries, { ...approved, payload: { ...approved.payload } })
  const entry = next?.find(({ entity_id: entityId }) => entityId === approved.payload.entity_id)
  if (next === undefined || entry === undefined) throw new Error(`${approved.kind} leads to no certifier`)
  const standing = await certifiers.after(next)
  await queueList(deps, tx, { path: CERTIFIERS_PATH, standing })
  deps.node.ambient.reached('certifier:moved')
  const { seq, digest } = standing
  return { entity_id: entry.entity_id, state: entry.state, list: { seq, digest } }
}

/** A certifier may certify from now on, within its scope and dates (policy item 12). */
export const registerCertifier = defineAct<Registration, CertifierPayload, CertifierMoved>({
  kind: REGISTER_CERTIFIER,
  summary: 'Register a certifier, with its keys and its scope',
  proposers: ['officer'],
  ask: Registration,
  payload: CertifierPayload,
  async prepare(deps, _tx, { valid_from: from, valid_until: until, ...said }) {
    const payload = {
      ...said,
      valid_from: numericDate(new Date(from)),
      valid_until: numericDate(new Date(until)),
    }
    const thumbprints = await Promise.all(said.jwks.keys.map((key) => thumbprint(key)))
    if (
      said.jwks.keys.some(({ kid }, nth) => kid !== thumbprints[nth]) ||
      new Set(thumbprints).size < thumbprints.length
    )
      throw new RegistryError(
        'request-invalid',
        'The kid of each key is its thumbprint, and no key stands twice',
      )
    const { entries } = await deps.lists.certifiers.standing()
    demandRegistrable(entries, payload, numericDate(deps.node.ambient.now()))
    return { payload, objects: [`certifier:${payload.entity_id}`] }
  },
  async carryOut(deps, tx, approved) {
    const { entries } = await deps.lists.certifiers.standing()
    demandRegistrable(entries, approved.payload, numericDate(deps.node.ambient.now()))
    return await announce(deps, tx, approved)
  },
})

/** Makes the act of one move. */
function defineMove(kind: CertifierMove, summary: string) {
  return defineAct<CertifierMovePayload, CertifierMovePayload, CertifierMoved>({
    kind,
    summary,
    proposers: ['officer'],
    ask: CertifierMovePayload,
    payload: CertifierMovePayload,
    async prepare(deps, _tx, { entity_id: entityId }) {
      demandMovable((await deps.lists.certifiers.standing()).entries, entityId, kind)
      return { payload: { entity_id: entityId }, objects: [`certifier:${entityId}`] }
    },
    async carryOut(deps, tx, approved) {
      demandMovable((await deps.lists.certifiers.standing()).entries, approved.payload.entity_id, kind)
      return await announce(deps, tx, approved)
    },
  })
}

export const suspendCertifier = defineMove('certifier:suspend', 'Suspend a certifier')
export const resumeCertifier = defineMove('certifier:resume', 'Resume a suspended certifier')
export const removeCertifier = defineMove('certifier:remove', 'Remove a certifier for ever')
