import { RegistryError } from '@arc3088/problems'
import {
  recordHash,
  thumbprint,
  timeFault,
  verifyKeyEndorsement,
  type KeyEndorsement,
  type RegistryRequest,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import { demandSignedBy, readClaimedBody, type ReceivedRequest } from '../federation/signed-request.ts'
import type { ProviderLife } from '../providers/provider-life.ts'

/** What stands in the signed request: the provider's own document about its key. */
const KeyRequestBody = z.strictObject({ endorsement: z.string().min(1) })

/** A provider's word about its key, and the request that brought it, both verified. */
export interface KeyRequest {
  readonly request: RegistryRequest
  readonly change: KeyEndorsement
  readonly document: { readonly jws: string; readonly hash: string }
}

/**
 * Verifies a request and the document in it against the federation keys that the root's statement names: it is the
 * provider's own, for this root and this address, of now, about a key of its own.
 *
 * @throws RegistryError `request-invalid` for what cannot be read, `request-signature-invalid` for what is not so.
 */
export async function readKeyRequest(
  deps: RootDeps,
  received: ReceivedRequest,
  provider: Pick<ProviderLife, 'entityId' | 'federationKeys'>,
): Promise<KeyRequest> {
  const { iss, body } = readClaimedBody(received, KeyRequestBody)
  if (iss !== provider.entityId) throw unsigned(`${iss} is not the provider of this code`)
  const request = await demandSignedBy(deps, received, provider.federationKeys)
  const jws = body.endorsement
  const signed = await verifyKeyEndorsement(jws, provider.federationKeys)
  if (signed.kind === 'rejected') {
    const detail = `endorsement: ${signed.reason}: ${signed.detail}`
    throw signed.reason === 'key-unknown' || signed.reason === 'signature-invalid'
      ? unsigned(detail)
      : new RegistryError('request-invalid', detail)
  }
  const change = signed.claims
  if (change.iss !== provider.entityId || change.sub !== provider.entityId)
    throw unsigned('The endorsement is not of the provider about a key of its own')
  if (timeFault({ iat: change.iat }, numericDate(deps.node.ambient.now())) !== undefined)
    throw unsigned('The endorsement is of the future')
  // By its kid a key is known from then on, so that a kid of one's own choice would make it another's.
  if ((await thumbprint(change.key)) !== change.key.kid)
    throw new RegistryError('request-invalid', `The kid of the key is not its thumbprint`)
  return { request, change, document: { jws, hash: await recordHash(jws) } }
}

function unsigned(detail: string): RegistryError {
  return new RegistryError('request-signature-invalid', detail)
}
