import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  signRegistryRequest,
  STATEMENT_BYTES_MAX,
  type OwnLog,
  type Signer,
} from '@arc3088/records'
import { numericDate, type Ambient, type OutboundDoor } from '@arc3088/service'

/** Who tells whom. */
export interface LogTellerParts {
  readonly door: OutboundDoor
  readonly rootUrl: string
  readonly entityId: string
  readonly ambient: Pick<Ambient, 'now' | 'newId'>
  /** The federation key. */
  readonly signer: () => Signer
  readonly ownLog: () => OwnLog
}

/** Tells the root of this provider's log, under its provider code. Throws where the root did not take it. */
export type TellLog = (providerCode: string) => Promise<void>

const REQUEST_SECONDS = 120
const DETAIL_LENGTH_MAX = 200

/**
 * Tells the root of the log of a provider that was assigned before it had one (wire-format W8, W11). It may be told as
 * often as need be: the request keeps its id, and the root sets the log once.
 */
export function createLogTeller(parts: LogTellerParts): TellLog {
  const { door, rootUrl, entityId, ambient } = parts
  const jti = ambient.newId()
  return async (providerCode) => {
    const path = `/v1/providers/${providerCode}/log`
    const iat = numericDate(ambient.now())
    const request = await signRegistryRequest(parts.signer(), {
      iss: entityId,
      sub: entityId,
      aud: rootUrl,
      iat,
      exp: iat + REQUEST_SECONDS,
      jti,
      method: 'POST',
      path,
      body: { ...parts.ownLog() },
    })
    const { status, body } = await door.fetch({
      url: `${rootUrl}${path}`,
      method: 'POST',
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      body: request,
      bytesMax: STATEMENT_BYTES_MAX,
    })
    if (status === 200) return
    const said = body.slice(0, DETAIL_LENGTH_MAX)
    throw new RegistryError('upstream-unreachable', `The root did not take this log: ${status} ${said}`)
  }
}
