import { RegistryError } from '@arc3088/problems'
import { rootKeySetHash, timeFault, verifyRootKeySet } from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import { defineAct, type AnyAct } from '../acts/act.ts'
import { isLinkAlive } from '../agreements/known-agreement.ts'
import type { RootDeps } from '../deps.ts'
import {
  ForeignRootPin,
  ForeignRootUnpin,
  PIN_FOREIGN_ROOT,
  pinFault,
  UNPIN_FOREIGN_ROOT,
} from './foreign-root.ts'

/** What a pin led to. */
export interface RootPinned {
  readonly entity_id: string
  /** Identity of the key set that was pinned. */
  readonly key_set: string
}

async function demandPinnable(deps: RootDeps, pin: ForeignRootPin): Promise<void> {
  const invalid = (detail: string) => new RegistryError('foreign-root-invalid', detail)
  const verified = await verifyRootKeySet(pin.root_keys)
  if (verified.kind === 'rejected') throw invalid(`root_keys: ${verified.reason}: ${verified.detail}`)
  const { claims } = verified
  if (claims.iss !== pin.entity_id) throw invalid(`The key set is of ${claims.iss}`)
  const late = timeFault(claims, numericDate(deps.node.ambient.now()))
  if (late !== undefined) throw invalid(`The key set is ${late}`)
  const own = { entityId: deps.node.entityId, prefix: deps.prefix }
  const fault = pinFault(pin, own, await deps.foreignRoots.all())
  if (fault !== undefined) throw new RegistryError(fault.because, fault.detail)
}

async function demandUnpinnable(deps: RootDeps, { entity_id: id }: ForeignRootUnpin): Promise<void> {
  await deps.foreignRoots.demandPinned(id)
  const { entityId, ambient } = deps.node
  const all = await deps.agreements.all()
  const at = numericDate(ambient.now())
  const alive = all.find(
    (each) =>
      each.signed.includes(entityId) &&
      each.claims.parties.some((party) => party.entity_id === id) &&
      isLinkAlive(each, all, { at, between: [entityId, id] }),
  )
  if (alive !== undefined)
    throw new RegistryError('foreign-root-in-use', `${alive.claims.jti} with ${id} is not over`)
}

/** Only pinned roots are fetched from, or listened to. */
export const FOREIGN_ROOT_ACTS: readonly AnyAct[] = [
  defineAct<ForeignRootPin, ForeignRootPin, RootPinned>({
    kind: PIN_FOREIGN_ROOT,
    summary: 'Pin another root by the key set that came to the authority by another way than the network',
    proposers: ['officer'],
    ask: ForeignRootPin,
    payload: ForeignRootPin,
    async prepare(deps, _tx, ask) {
      await demandPinnable(deps, ask)
      return { payload: ask, objects: [`foreign-root:${ask.entity_id}`] }
    },
    async carryOut(deps, _tx, { payload }) {
      await demandPinnable(deps, payload)
      return { entity_id: payload.entity_id, key_set: await rootKeySetHash(payload.root_keys) }
    },
    async settle(deps, { entity_id: id }) {
      const root = (await deps.foreignRoots.all()).get(id)
      if (root?.pinned !== true) return
      await deps.foreignRoots.refresh(root).catch((error: unknown) => {
        // It is pinned whether it answers or not; it is asked again.
        if (!(error instanceof RegistryError)) throw error
        deps.node.log.warn({ err: error, 'entity.id': id }, 'a root that was pinned could not be asked')
      })
    },
  }),
  defineAct<ForeignRootUnpin, ForeignRootUnpin, ForeignRootUnpin>({
    kind: UNPIN_FOREIGN_ROOT,
    summary: 'Stop listening to another root, after every agreement with it is over',
    proposers: ['officer'],
    ask: ForeignRootUnpin,
    payload: ForeignRootUnpin,
    async prepare(deps, _tx, ask) {
      await demandUnpinnable(deps, ask)
      return { payload: ask, objects: [`foreign-root:${ask.entity_id}`, `agreement-with:${ask.entity_id}`] }
    },
    async carryOut(deps, _tx, { payload }) {
      await demandUnpinnable(deps, payload)
      return payload
    },
  }),
]
