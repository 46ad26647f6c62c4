import { parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { requestHash } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import { ApplicationBody, kindOf, type Application } from './application.ts'
import { insertApplication, isEntityTakenUp, readApplicationByRequest } from './application.store.ts'

/**
 * Takes an application that is signed with the federation key it names (wire-format W11). Nothing is fetched
 * here: an address that anybody can send must not become a request of ours before a clerk has looked at it.
 * The same request again, with new times, answers the same application.
 */
export async function submitApplication(
  deps: RootDeps,
  received: ReceivedRequest,
): Promise<{ application: Application; created: boolean }> {
  const { body } = readClaimedBody(received, ApplicationBody)
  const request = await demandSignedBy(deps, received, body.jwks.keys)
  const hash = await requestHash(request)
  const application: Application = {
    id: deps.node.ambient.newId(),
    entityId: request.iss,
    kind: kindOf(body.organization, deps.territory),
    organization: body.organization,
    contact: body.contact,
    federationKeys: body.jwks.keys,
    wishedCode: readWish(parseProviderNumber, body.wished_code) ?? null,
    log: null,
    state: 'applied',
    appliedAt: deps.node.ambient.now(),
  }
  const signed = { jws: received.jws, id: request.jti, hash }
  const { db } = deps.node
  const known = await readApplicationByRequest(db, { entityId: request.iss, id: request.jti })
  if (known !== undefined) return replay(known, hash)
  if (await isEntityTakenUp(db, request.iss)) {
    throw new RegistryError('entity-known', `An application of ${request.iss} was taken up, or led to a code`)
  }
  const inserted = await db.transaction().execute((tx) => insertApplication(tx, application, signed))
  if (inserted !== undefined) return { application: inserted, created: true }
  // The same request came in twice at once.
  const raced = await readApplicationByRequest(db, { entityId: request.iss, id: request.jti })
  if (raced === undefined) throw new Error('An application was neither written nor found')
  return replay(raced, hash)
}

function replay(
  known: { application: Application; requestHash: string },
  hash: string,
): { application: Application; created: boolean } {
  if (known.requestHash === hash) return { application: known.application, created: false }
  throw new RegistryError('idempotency-key-reused', 'This request id stands for another application')
}
