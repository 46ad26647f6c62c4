import { formatSegment } from '@arc3088/codec'
import { AUTHORITY_LIST_TTL_SECONDS, MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, limitRate, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { receiveRequest } from '../federation/signed-request.ts'
import { ACKNOWLEDGEMENT_RATE } from '../limits.ts'
import { PageNumber, sendListPage } from '../http/list-page.ts'
import { acknowledgeAdvisory } from './acknowledge-advisory.ts'
import { ADVISORIES_PATH } from './advisory-list.ts'
import { AcknowledgementView, AdvisoryPageView } from '../http/advisory-view.ts'
import { advisoryIdOf } from './advisory.ts'
import { readAdvisoryPage } from './read-advisories.ts'
import { readProvenAdvisory } from './read-advisory.ts'

const CODE_LENGTH_MAX = 300
const ACKNOWLEDGEMENTS_PATH = `${ADVISORIES_PATH}/{id}/acknowledgements`
const Id = z.strictObject({
  // One spelling of a name: advisories are found by their text.
  id: z.uuidv7().regex(/^[0-9a-f-]+$/),
})

const listRoute = createRoute({
  method: 'get',
  path: ADVISORIES_PATH,
  summary: 'Every advisory of the authority: a signed page, or JSON (P-09)',
  description: [
    'A page holds the newest version of each advisory by its hash, and says of the whole list its number, its digest and',
    'that of the list before. With `code`, those that touch a code, in JSON: whoever must be sure reads the signed list.',
  ].join('\n'),
  ...PUBLIC,
  request: {
    query: z.strictObject({
      page: PageNumber,
      code: z.string().min(1).max(CODE_LENGTH_MAX).optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page',
      content: {
        [MEDIA_TYPE.advisoryList]: { schema: z.string() },
        'application/json': { schema: AdvisoryPageView },
      },
    },
    304: { description: 'The page is as it was' },
    ...problems('request-invalid', 'code-malformed', 'not-acceptable', 'internal'),
  },
})

const readRoute = createRoute({
  method: 'get',
  path: `${ADVISORIES_PATH}/{id}`,
  summary: 'An advisory as it was signed: the newest version, or the one asked for',
  ...PUBLIC,
  request: {
    params: Id,
    query: z.strictObject({ version: z.coerce.number().int().min(1).max(1_000_000).optional() }),
  },
  responses: {
    200: { description: 'The signed advisory', content: { [MEDIA_TYPE.advisory]: { schema: z.string() } } },
    304: { description: 'The advisory is as it was' },
    ...problems('request-invalid', 'advisory-not-found', 'decision-unproven', 'internal'),
  },
})

const acknowledgeRoute = createRoute({
  method: 'post',
  path: ACKNOWLEDGEMENTS_PATH,
  summary: 'A provider takes note of an advisory, signed with its federation key (W11)',
  description: 'The body of the signed request is `{version, hash}` of the version that was read.',
  ...PUBLIC,
  request: { params: Id },
  responses: {
    200: {
      description: 'It was acknowledged before',
      content: { 'application/json': { schema: AcknowledgementView } },
    },
    201: { description: 'Acknowledged', content: { 'application/json': { schema: AcknowledgementView } } },
    ...problems(
      'request-invalid',
      'request-signature-invalid',
      'advisory-not-found',
      'advisory-not-affected',
      'advisory-state',
      'advisory-changed',
      'decision-unproven',
      'entity-unknown',
      'media-type-unsupported',
      'idempotency-key-reused',
      'rate-limited',
      'body-too-large',
      'node-read-only',
      'internal',
    ),
  },
})

/** `GET /v1/advisories`, `GET /v1/advisories/{id}` and `POST /v1/advisories/{id}/acknowledgements`. */
export function advisoryRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const routes = createRoutes()
  routes.on(
    'POST',
    ACKNOWLEDGEMENTS_PATH.replace('{id}', ':id'),
    limitRate(() => ACKNOWLEDGEMENT_RATE),
  )
  return routes
    .openapi(listRoute, async (c) => {
      const { page, code } = c.req.valid('query')
      const view = async () => await readAdvisoryPage(deps, { page, code })
      return (await sendListPage(c, deps.lists.advisories, {
        page,
        mediaType: MEDIA_TYPE.advisoryList,
        view,
        isReadable: code !== undefined,
      })) as never
    })
    .openapi(readRoute, async (c) => {
      const { jws } = await readProvenAdvisory(deps, {
        uuid: c.req.valid('param').id,
        version: c.req.valid('query').version,
      })
      const maxAgeSeconds = AUTHORITY_LIST_TTL_SECONDS
      return sendCacheable(c, { body: jws, mediaType: MEDIA_TYPE.advisory, maxAgeSeconds })
    })
    .openapi(acknowledgeRoute, async (c) => {
      const received = await receiveRequest(c.req)
      const { acknowledgement, isNew } = await acknowledgeAdvisory(deps, c.req.valid('param').id, received)
      const { advisory, version, provider, at } = acknowledgement
      const view = {
        advisory: advisoryIdOf(advisory),
        version,
        provider: formatSegment(provider),
        acknowledged_at: at.toISOString(),
      }
      return isNew ? c.json(view, 201) : c.json(view, 200)
    })
}
