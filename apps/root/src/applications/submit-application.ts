import { parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import {
  readRegistryRequest,
  requestHash,
  timeFault,
  verifyRegistryRequest,
  type RegistryRequest,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'
import { ApplicationBody, kindOf, type Application } from './application.ts'
import { insertApplication, isEntityTakenUp, readApplicationByRequest } from './application.store.ts'

/**
 * Takes an application that is signed with the federation key it names (wire-format W11). Nothing is fetched
 * here: an address that anybody can send must not become a request of ours before a clerk has looked at it.
 * The same request again, with new times, answers the same application.
 */
export async function submitApplication(
  deps: RootDeps,
  received: { jws: string; method: string; path: string },
): Promise<{ application: Application; created: boolean }> {
  const { request, body } = await verifyApplicationRequest(deps, received)
  const hash = await requestHash(request)
  const application: Application = {
    id: deps.node.ambient.newId(),
    entityId: request.iss,
    kind: kindOf(body.organization, deps.territory),
    organization: body.organization,
    contact: body.contact,
    federationKeys: body.jwks.keys,
    wishedCode: readWish(parseProviderNumber, body.wished_code) ?? null,
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

async function verifyApplicationRequest(
  deps: RootDeps,
  received: { jws: string; method: string; path: string },
): Promise<{ request: RegistryRequest; body: ReturnType<typeof ApplicationBody.parse> }> {
  const read = readRegistryRequest(received.jws)
  if (read.kind === 'rejected') throw new RegistryError('request-invalid', `${read.reason}: ${read.detail}`)
  const parsed = ApplicationBody.safeParse(read.claims.body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new RegistryError(
      'request-invalid',
      `body.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`,
    )
  }
  const verified = await verifyRegistryRequest(received.jws, parsed.data.jwks.keys)
  if (verified.kind === 'rejected') {
    throw new RegistryError('request-signature-invalid', `${verified.reason}: ${verified.detail}`)
  }
  const { claims: request } = verified
  const fault = timeFault(request, numericDate(deps.node.ambient.now()))
  if (fault !== undefined) throw new RegistryError('request-signature-invalid', `The request is ${fault}`)
  if (request.aud !== deps.node.entityId) {
    throw new RegistryError('request-signature-invalid', `The request is for ${request.aud}`)
  }
  if (request.method !== received.method || request.path !== received.path) {
    throw new RegistryError(
      'request-signature-invalid',
      `The request is for ${request.method} ${request.path}`,
    )
  }
  return { request, body: parsed.data }
}
