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

const AgreementEvents = z
  .object({
    events: z.array(z.string()),
    root_keys: z.array(GeneralJws).openapi({
      description:
        'the key sets of the other parties, by which their signatures verify; trusted only as far as a verifier pins them',
    }),
  })
  .openapi('AgreementEvents')

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
          schema: AgreementEvents,
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
      const { events, claims } = await readPublicAgreement(deps, c.req.valid('param').jti)
      const body: z.infer<typeof AgreementEvents> = {
        events: events.map(({ jws }) => jws),
        root_keys: await keySetsOfOthers(deps, claims.parties),
      }
      return sendCacheableJson(c, body, EVENTS_MAX_AGE_SECONDS)
    })
}

/** The sets that are known of each other party, from the one pinned first. */
async function keySetsOfOthers(
  { node, foreignRoots }: RootDeps,
  parties: readonly { readonly entity_id: string }[],
): Promise<GeneralJws[]> {
  const pinned = await foreignRoots.all()
  const known = parties.flatMap(({ entity_id: id }) => {
    const root = id === node.entityId ? undefined : pinned.get(id)
    return root === undefined ? [] : [root]
  })
  const sets = await Promise.all(known.map((root) => foreignRoots.everySet(root)))
  const unique = new Map(sets.flat().map(({ jws }) => [jws.payload, jws]))
  return [...unique.values()]
}
