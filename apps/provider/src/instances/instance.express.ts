import { parseInstanceNumber } from '@arc3088/codec'
import { readWish, replayHeader } from '@arc3088/issuer'
import { demandPermission, type ExpressRequest, type ExpressRoute } from '@arc3088/service'

import type { ProviderDeps } from '../deps.ts'
import { PROVIDER_PERMISSIONS } from '../permissions.ts'
import { readOwnCode } from '../resolution/own-codes.ts'
import { registerInstance } from './register-instance.ts'
import { readRegistrationKey } from './registration-key.ts'

const TARGET = /^\/v1\/ontologies\/([0-9A-Za-z.]{1,300})\/instances$/
/** The two bodies that nearly all registrations have, in the spelling that nearly all clients give them. */
const BODY = /^\{(?:"serial":"([0-9A-Za-z]{1,9})")?\}$/
/** No registration in that spelling is longer. */
const BODY_LENGTH_MAX = 32

/** `POST /v1/ontologies/{code}/instances` on the express lane; see `instance.route.ts` for all that it can be. */
export function expressRegistration(deps: ProviderDeps): ExpressRoute {
  return {
    method: 'POST',
    prefix: '/v1/ontologies/',
    async answer({ target, headers, body }) {
      const asked = readPlain({ target, headers, body })
      if (asked === undefined) return undefined
      const { authorization, 'idempotency-key': key } = headers
      const principal = await deps.node.authenticate(authorization)
      demandPermission(PROVIDER_PERMISSIONS, 'instance:register', principal)
      const ontology = readOwnCode(deps, asked.code)
      const wish = readWish(parseInstanceNumber, asked.serial)
      // Node joins a header that came twice with a comma and a space, which no key has in it.
      const asking = { ontology, wish, businessType: undefined }
      const idempotency = readRegistrationKey(typeof key === 'string' ? key : undefined, asking)
      const { subject, record, replayed } = await registerInstance(deps, {
        ...asking,
        requesterId: principal.id,
        idempotency,
      })
      return {
        status: 201,
        headers: { 'content-type': 'application/json', ...replayHeader(replayed) },
        // Both are ASCII without anything that JSON escapes.
        body: `{"code":"${subject.text}","record":"${record}"}`,
      }
    },
  }
}

function readPlain({
  target,
  headers,
  body,
}: Pick<ExpressRequest, 'target' | 'headers' | 'body'>):
  | { code: string; serial: string | undefined }
  | undefined {
  const [, code] = TARGET.exec(target) ?? []
  if (code === undefined || headers['content-type'] !== 'application/json') return undefined
  if (body.length > BODY_LENGTH_MAX) return undefined
  const plain = BODY.exec(body.toString('latin1'))
  return plain === null ? undefined : { code, serial: plain[1] }
}
