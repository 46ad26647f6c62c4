import type { OpenAPIHono } from '@hono/zod-openapi'

import { sendCacheable } from './cacheable.ts'
import type { ServiceEnv } from './service-env.ts'

const CONTRACT_MAX_AGE_SECONDS = 300

/** The OpenAPI 3.1 document of an app: the contract that is committed, served and generated from. */
export function describeApp(app: OpenAPIHono<ServiceEnv>, info: { title: string; version: string }): object {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'arc3088_<id>_<secret>',
  })
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' } },
    servers: [{ url: '/' }],
  })
  const plain = JSON.parse(JSON.stringify(document, withoutFlags)) as Described
  for (const { get } of Object.values(plain.paths))
    if (get !== undefined) get.responses['429'] ??= RATE_LIMITED
  return plain
}

interface Described {
  readonly paths: Readonly<Record<string, { readonly get?: { readonly responses: Record<string, object> } }>>
}

/** Every read counts against the reads of its client, whatever its own refusals are written in. */
const RATE_LIMITED = { description: 'rate-limited: this network address reads too much' }

/** The generator writes an expression with flags as `…/u`, slash and all, which matches nothing; JSON Schema has no flags. */
function withoutFlags(name: string, value: unknown): unknown {
  return name === 'pattern' && typeof value === 'string' ? value.replace(/\/[suv]+$/, '') : value
}

/** Serves the document at `/openapi.json`. Call it after every route is mounted. */
export function mountOpenApi(app: OpenAPIHono<ServiceEnv>, info: { title: string; version: string }): void {
  const document = JSON.stringify(describeApp(app, info))
  app.get('/openapi.json', (c) =>
    sendCacheable(c, {
      body: document,
      mediaType: 'application/json',
      maxAgeSeconds: CONTRACT_MAX_AGE_SECONDS,
    }),
  )
}
