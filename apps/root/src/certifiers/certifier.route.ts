import { CertifierEntry, MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { PageNumber, sendListPage } from '../http/list-page.ts'
import { demandPage } from '../lists/list-chain.ts'
import { CERTIFIERS_PATH } from './certifier.ts'

const CertifierPage = z
  .object({
    seq: z.number().int(),
    digest: z.string(),
    page: z.number().int(),
    pages: z.number().int(),
    items: z.array(
      CertifierEntry.extend({ jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) }),
    ),
  })
  .openapi('CertifierPage')

const listRoute = createRoute({
  method: 'get',
  path: CERTIFIERS_PATH,
  summary: 'Every certifier ever registered, with keys, scope and state: a signed page, or JSON (P-11)',
  ...PUBLIC,
  request: { query: z.strictObject({ page: PageNumber }) },
  responses: {
    200: {
      description: 'A page',
      content: {
        [MEDIA_TYPE.certifierList]: { schema: z.string() },
        'application/json': { schema: CertifierPage },
      },
    },
    304: { description: 'The page is as it was' },
    ...problems('request-invalid', 'not-acceptable', 'internal'),
  },
})

/** `GET /v1/certifiers`. */
export function certifierRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(listRoute, async (c) => {
    const { page } = c.req.valid('query')
    const view = async () => {
      const { seq, digest, pages } = await deps.lists.certifiers.standing()
      return { seq, digest, page, pages: pages.length, items: demandPage(pages, page) }
    }
    return (await sendListPage(c, deps.lists.certifiers, {
      page,
      mediaType: MEDIA_TYPE.certifierList,
      view,
    })) as never
  })
}
