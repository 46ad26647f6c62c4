import { createRoutes, problems, PUBLIC, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { receiveRequest } from '../federation/signed-request.ts'
import { receiveAgreement } from './receive-agreement.ts'
import { receiveEvent } from './receive-event.ts'
import { receiveSignature } from './receive-signature.ts'

const NAME_LENGTH_MAX = 64
const ENTITY_ID_LENGTH_MAX = 2048
const Name = z.string().min(1).max(NAME_LENGTH_MAX)

const Received = z
  .object({ jti: z.string(), hash: z.string() })
  .openapi('AgreementReceipt', { description: 'What was taken; the same for every retry' })

const DOOR_PROBLEMS = [
  'request-invalid',
  'request-signature-invalid',
  'foreign-root-unknown',
  'agreement-invalid',
  'media-type-unsupported',
  'body-too-large',
  'node-read-only',
  'decision-unproven',
  'internal',
] as const

const taken = (description: string) => ({
  description,
  content: { 'application/json': { schema: Received } },
})

const proposeRoute = createRoute({
  method: 'post',
  path: '/v1/agreements',
  summary: 'Propose an agreement to this root, with one’s own signature (W9, W11); for pinned roots',
  ...PUBLIC,
  responses: {
    200: taken('Known already'),
    201: taken('It waits for the officers of this root'),
    ...problems(...DOOR_PROBLEMS, 'agreement-state', 'agreement-forked', 'agreement-limit'),
  },
})

const signRoute = createRoute({
  method: 'put',
  path: '/v1/agreements/{jti}/signatures/{entity}',
  summary: 'Add one’s own signature to an agreement that is known here (W9, W11)',
  ...PUBLIC,
  request: {
    params: z.strictObject({ jti: Name, entity: z.string().min(1).max(ENTITY_ID_LENGTH_MAX) }),
  },
  responses: {
    200: taken('The party has signed already'),
    201: taken('Signed'),
    ...problems(...DOOR_PROBLEMS, 'agreement-not-found'),
  },
})

const eventRoute = createRoute({
  method: 'post',
  path: '/v1/agreements/{jti}/events',
  summary: 'Tell what one has done about an agreement (W9, W11)',
  ...PUBLIC,
  request: { params: z.strictObject({ jti: Name }) },
  responses: {
    200: taken('Known already'),
    201: taken('Taken'),
    ...problems(...DOOR_PROBLEMS, 'agreement-not-found', 'agreement-forked', 'agreement-event-gap'),
  },
})

/** Where other roots bring agreements, signatures and events. */
export function agreementDoorRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(proposeRoute, async (c) => {
      const { jti, hash, created } = await receiveAgreement(deps, await receiveRequest(c.req))
      return c.json({ jti, hash }, created ? 201 : 200)
    })
    .openapi(signRoute, async (c) => {
      const { jti: name, entity: entityId } = c.req.valid('param')
      const place = { name, entityId }
      const { jti, hash, created } = await receiveSignature(deps, await receiveRequest(c.req), place)
      return c.json({ jti, hash }, created ? 201 : 200)
    })
    .openapi(eventRoute, async (c) => {
      const received = await receiveRequest(c.req)
      const { jti, hash, created } = await receiveEvent(deps, received, c.req.valid('param').jti)
      return c.json({ jti, hash }, created ? 201 : 200)
    })
}
