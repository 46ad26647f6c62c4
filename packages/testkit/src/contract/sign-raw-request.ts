import { randomBytes } from 'node:crypto'

import { MEDIA_TYPE, TYP, type Signer } from '@arc3088/records'

import type { SignRequest } from './fuzz.ts'

/** Somebody who signs requests to a node. */
export interface RequestSender {
  readonly entityId: string
  readonly signer: Signer
}

const LIFETIME_SECONDS = 300

/** Signs whatever it is given as a request of wire format W11, and judges nothing of it. */
export function rawRequestSigner(audience: string, senderTo: (target: string) => RequestSender): SignRequest {
  return async (method, target, body) => {
    const { entityId, signer } = senderTo(target)
    const iat = Math.floor(Date.now() / 1000)
    const times = { iat, exp: iat + LIFETIME_SECONDS, jti: newUuid() }
    const path = target.split('?', 1)[0]
    const claims = { iss: entityId, sub: entityId, aud: audience, ...times, method, path, body }
    const header = { alg: signer.alg, kid: signer.kid, typ: TYP.registryRequest }
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${encode(header)}.${encode(claims)}`
    const signature = Buffer.from(await signer.sign(new TextEncoder().encode(signed))).toString('base64url')
    return { mediaType: MEDIA_TYPE.registryRequest, text: `${signed}.${signature}` }
  }
}

/** A UUID of version 7, as an idempotency key is. */
function newUuid(): string {
  const hex = Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
