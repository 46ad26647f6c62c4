import { RegistryError } from '@arc3088/problems'
import { readRegistryRequest, type PublicJwk, type RegistryRequest } from '@arc3088/records'
import type { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import type { ForeignRoot } from '../foreign-roots/foreign-root.ts'
import { hastenDeliveries } from './delivery.store.ts'

/** A request of a pinned root, verified. */
export interface RootRequest<Body> {
  readonly sender: ForeignRoot
  /** The keys that the sender signs with now. */
  readonly keys: readonly PublicJwk[]
  readonly request: RegistryRequest
  readonly body: Body
}

/**
 * Reads a request of another root (W11). Whoever is not pinned is refused before anything is fetched; the keys are those of
 * the sender's newest key set.
 *
 * @throws RegistryError `request-invalid`, `foreign-root-unknown`, `request-signature-invalid`, `node-read-only`.
 */
export async function receiveFromRoot<Schema extends z.ZodType>(
  deps: RootDeps,
  received: ReceivedRequest,
  schema: Schema,
): Promise<RootRequest<z.output<Schema>>> {
  deps.node.gate.demandWritable()
  const { iss, body } = readClaimedBody(received, schema)
  const sender = await deps.foreignRoots.demandPinned(iss)
  const read = readRegistryRequest(received.jws)
  if (read.kind === 'rejected') throw new RegistryError('request-invalid', read.detail)
  const keys = await deps.foreignRoots.currentKeys(sender, read.kid)
  const request = await demandSignedBy(deps, received, keys)
  // It is there: what it could not be told before, it can be told now.
  await hastenDeliveries(deps.node.db, sender.entityId, deps.node.ambient.now())
  return { sender, keys, request, body }
}
