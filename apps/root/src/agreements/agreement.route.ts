import { GeneralJws, MEDIA_TYPE } from '@arc3088/records'
import {
  createRoutes,
  PAGE_QUERY,
  pageResponse,
  problems,
  PUBLIC,
  sendCacheableJson,
  toPage,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { agreementUri } from './agreement-name.ts'
import { readPublicAgreement, readPublicAgreements } from './read-agreements.ts'

/** The bytes of a complete agreement never change. */
const AGREEMENT_MAX_AGE_SECONDS = 3600
const EVENTS_MAX_AGE_SECONDS = 60
const NAME_LENGTH_MAX = 64

const Name = z.strictObject({ jti: z.string().min(1).max(NAME_LENGTH_MAX) })

const AgreementSummary = z
  .object({
    id: z.uuid(),
    jti: z.string(),
    uri: z.url(),
    hash: z.string(),
    version: z.int(),
    parties: z.array(z.url()),
    state: z.string(),
    nbf: z.int(),
    exp: z.int(),
  })
  .openapi('AgreementSummary')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/agreements',
  summary: 'The agreements of this root that all parties have signed, newest first',
  ...PUBLIC,
  request: { query: z.strictObject(PAGE_QUERY) },
  responses: {
    200: pageResponse('AgreementPage', AgreementSummary),
    ...problems('request-invalid', 'decision-unproven', 'internal'),
  },
})

const readRoute = createRoute({
  method: 'get',
  path: '/v1/agreements/{jti}',
  summary: 'An agreement as all its parties signed it (W9)',
  ...PUBLIC,
  request: { params: Name },
  responses: {
    200: {
      description: 'The General JWS, its payload verbatim',
      content: { [MEDIA_TYPE.generalJws]: { schema: GeneralJws } },
    },
    ...problems('request-invalid', 'agreement-not-found', 'decision-unproven', 'internal'),
  },
})

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/agreements/{jti}/events',
  summary: 'What the parties of an agreement have done about it, each chain from its first event on (W9)',
  ...PUBLIC,
  request: { params: Name },
  responses: {
    200: {
      description: 'The signed events, party by party',
      content: {
        'application/json': {
          schema: z.object({ events: z.array(z.string()) }).openapi('AgreementEvents'),
        },
      },
    },
    ...problems('request-invalid', 'agreement-not-found', 'decision-unproven', 'internal'),
  },
})

/** What anybody may read of agreements. */
export function agreementRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const { before, limit } = c.req.valid('query')
      const views = await readPublicAgreements(deps, { before, limit })
      const items = views.map(({ agreement: { id, hash, claims }, stage }) => ({
        id,
        jti: claims.jti,
        uri: agreementUri(deps.node.entityId, id),
        hash,
        version: claims.version,
        parties: claims.parties.map((party) => party.entity_id),
        state: stage,
        nbf: claims.nbf,
        exp: claims.exp,
      }))
      return sendCacheableJson(c, toPage(items, limit), EVENTS_MAX_AGE_SECONDS)
    })
    .openapi(readRoute, async (c) => {
      const { jws } = await readPublicAgreement(deps, c.req.valid('param').jti)
      return sendCacheableJson(c, jws, AGREEMENT_MAX_AGE_SECONDS, MEDIA_TYPE.generalJws)
    })
    .openapi(eventsRoute, async (c) => {
      const { events } = await readPublicAgreement(deps, c.req.valid('param').jti)
      return sendCacheableJson(c, { events: events.map(({ jws }) => jws) }, EVENTS_MAX_AGE_SECONDS)
    })
}
