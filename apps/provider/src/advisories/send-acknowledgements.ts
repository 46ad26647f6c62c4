import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  REGISTRY_REQUEST_LIFETIME_SECONDS_MAX,
  STATEMENT_BYTES_MAX,
  signRegistryRequest,
  type KeyRing,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'

import { markAnswered, readUnanswered } from './advisory.store.ts'
import type { RootDesk } from './root-desk.ts'

const ACKNOWLEDGEMENTS_A_ROUND_MAX = 64
/** What the root says where the version is not asked for any more: there is a newer one, or it is withdrawn. */
const OVERTAKEN: readonly string[] = ['advisory-changed', 'advisory-state', 'advisory-not-affected']

/**
 * Tells the root of every acknowledgement that it has not answered, oldest first (W11). The id of the request stays, so
 * that a retry after any break is answered as the first time. What cannot be told now is thrown, and told again.
 */
export async function sendAcknowledgements(
  desk: RootDesk & { readonly keys: Pick<KeyRing, 'active'>; readonly entityId: string },
): Promise<void> {
  for (const { advisory, version, requestId, hash } of await readUnanswered(
    desk.db,
    ACKNOWLEDGEMENTS_A_ROUND_MAX,
  )) {
    const path = `/v1/advisories/${advisory}/acknowledgements`
    const iat = numericDate(desk.ambient.now())
    const request = await signRegistryRequest(desk.keys.active('federation'), {
      iss: desk.entityId,
      sub: desk.entityId,
      aud: desk.rootUrl,
      iat,
      exp: iat + REGISTRY_REQUEST_LIFETIME_SECONDS_MAX,
      jti: requestId,
      method: 'POST',
      path,
      body: { version, hash },
    })
    const { status, body } = await desk.door.fetch({
      url: `${desk.rootUrl}${path}`,
      method: 'POST',
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      body: request,
      bytesMax: STATEMENT_BYTES_MAX,
    })
    desk.ambient.reached('acknowledgement:sent')
    const isTaken = status === 200 || status === 201
    if (!isTaken && !OVERTAKEN.some((code) => body.includes(`"${code}"`)))
      throw new RegistryError(
        'upstream-unreachable',
        `The root did not take an acknowledgement: ${status} ${body.slice(0, 200)}`,
      )
    await markAnswered(desk.db, {
      requestId,
      answer: isTaken ? 'taken' : 'overtaken',
      at: desk.ambient.now(),
    })
  }
}
