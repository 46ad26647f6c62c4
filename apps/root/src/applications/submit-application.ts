import { parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { requestHash } from '@arc3088/records'

import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import { ApplicationBody, dossierOf, organizationOf } from './application-body.ts'
import { kindOf, type Application } from './application.ts'
import {
  insertApplication,
  isEntityTakenUp,
  readApplicationByRequest,
  type ApplicationContent,
} from './application.store.ts'

/** What an applicant is answered: how its application stood when this request was carried out, for every retry the same. */
export type ApplicationReceipt = Pick<Application, 'id' | 'entityId' | 'state' | 'revision' | 'appliedAt'>

/**
 * Takes an application that is signed with the federation key it names (wire-format W11). Nothing is fetched
 * here: an address that anybody can send must not become a request of ours before a clerk has looked at it.
 * The same request again, with new times, answers the same receipt.
 */
export async function submitApplication(
  deps: RootDeps,
  received: ReceivedRequest,
): Promise<ApplicationReceipt> {
  const { ambient, db } = deps.node
  const { body } = readClaimedBody(received, ApplicationBody)
  const request = await demandSignedBy(deps, received, body.jwks.keys)
  const hash = await requestHash(request)
  const appliedAt = ambient.now()
  const application: Application = {
    id: ambient.newId(),
    entityId: request.iss,
    ...contentOf(body, deps.territory),
    log: null,
    state: 'applied',
    stateSince: appliedAt,
    revision: 1,
    step: 1,
    takenBy: null,
    appliedAt,
  }
  const signed = { jws: received.jws, id: request.jti, hash }
  const known = await readApplicationByRequest(db, { entityId: request.iss, id: request.jti })
  if (known !== undefined) return replay(known, hash)
  if (await isEntityTakenUp(db, request.iss)) {
    throw new RegistryError('entity-known', `An application of ${request.iss} was taken up, or led to a code`)
  }
  const inserted = await db.transaction().execute(async (tx) => {
    const row = await insertApplication(tx, application, signed)
    ambient.reached('application:written')
    return row
  })
  ambient.reached('application:committed')
  if (inserted !== undefined) return receiptOf(inserted)
  // The same request came in twice at once.
  const raced = await readApplicationByRequest(db, { entityId: request.iss, id: request.jti })
  if (raced === undefined) throw new Error('An application was neither written nor found')
  return replay(raced, hash)
}

/** What a body says of the applicant, as it is kept. */
export function contentOf(body: ApplicationBody, territory: string): ApplicationContent {
  const organization = organizationOf(body)
  return {
    kind: kindOf(organization, territory),
    organization,
    contact: body.contact,
    dossier: dossierOf(body),
    federationKeys: body.jwks.keys,
    wishedCode: readWish(parseProviderNumber, body.wished_code) ?? null,
  }
}

/** Whatever has happened since: the first answer was that it was received. */
function replay(known: { application: Application; requestHash: string }, hash: string): ApplicationReceipt {
  if (known.requestHash !== hash)
    throw new RegistryError('idempotency-key-reused', 'This request id stands for another application')
  return receiptOf({ ...known.application, state: 'applied', revision: 1 })
}

/** A receipt of an application as it stands. */
export function receiptOf(application: ApplicationReceipt): ApplicationReceipt {
  const { id, entityId, state, revision, appliedAt } = application
  return { id, entityId, state, revision, appliedAt }
}
