import { RegistryError } from '@arc3088/problems'
import { DIRECTORY_TTL_SECONDS, MEDIA_TYPE } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, sendCacheable, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { DIRECTORY_PATH } from './queue-directory.ts'

const PAGES_MAX = 65_536

const directoryRoute = createRoute({
  method: 'get',
  path: DIRECTORY_PATH,
  summary: 'The signed directory of every provider ever assigned, page by page (W10)',
  ...PUBLIC,
  request: { query: z.strictObject({ page: z.coerce.number().int().min(1).max(PAGES_MAX).default(1) }) },
  responses: {
    200: {
      description: 'A page, with the number and the digest of the whole directory',
      content: { [MEDIA_TYPE.directory]: { schema: z.string() } },
    },
    ...problems('request-invalid', 'internal'),
  },
})

/** `GET /v1/directory`. */
export function directoryRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(directoryRoute, async (c) => {
    const { page } = c.req.valid('query')
    const body = await deps.directory.page(page)
    if (body === undefined) throw new RegistryError('request-invalid', `The directory has no page ${page}`)
    return sendCacheable(c, {
      body,
      mediaType: MEDIA_TYPE.directory,
      maxAgeSeconds: DIRECTORY_TTL_SECONDS,
    })
  })
}
