import type { RecognisedNow } from '@arc3088/client'
import { RegistryError } from '@arc3088/problems'
import { RECOGNITION_STATES } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, sendCacheableJson, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ResolverDeps } from '../deps.ts'

const NumericDate = z.int().openapi({ description: 'seconds since 1970-01-01T00:00:00Z' })

const Recognised = z
  .object({
    list: z
      .object({
        iss: z.url(),
        seq: z.int(),
        iat: NumericDate,
        exp: NumericDate,
        age: z.int().openapi({ description: 'seconds' }),
      })
      .nullable()
      .openapi({ description: 'null where the root names no list: then it recognises nobody' }),
    entries: z.array(
      z.object({
        trust_anchor: z.url(),
        territory: z.string(),
        code_prefixes: z.array(z.string()),
        state: z.enum(RECOGNITION_STATES),
        state_since: NumericDate,
        valid_until: NumericDate,
        agreement: z.object({ jti: z.string(), uri: z.url(), hash: z.string() }),
      }),
    ),
  })
  .openapi('RecognisedRoots')

const recognitionRoute = createRoute({
  method: 'get',
  path: '/v1/recognition',
  summary: 'Which other roots the pinned root recognises now, and in which state (W10)',
  description:
    'From the recognition list of the pinned root, verified. Whoever must not believe a resolver reads that list.',
  ...PUBLIC,
  responses: {
    200: { description: 'The entries', content: { 'application/json': { schema: Recognised } } },
    ...problems('upstream-unreachable', 'internal'),
  },
})

type Recognised = z.input<typeof Recognised>

function viewOf(told: Extract<RecognisedNow, { kind: 'told' }>): Recognised {
  const entries = told.entries.map((entry) => ({
    ...entry,
    code_prefixes: [...entry.code_prefixes],
    agreement: { ...entry.agreement },
  }))
  return { list: { ...told.list }, entries }
}

/** `GET /v1/recognition`. */
export function recognitionRoutes(deps: ResolverDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(recognitionRoute, async (c) => {
    const told = await deps.client.recognition()
    switch (told.kind) {
      case 'no-list':
        return sendCacheableJson(c, { list: null, entries: [] }, 0)
      case 'unknown':
        throw new RegistryError('upstream-unreachable', unknownDetail(told.troubles))
      case 'told': {
        const maxAge = Math.max(0, Math.floor((told.freshUntil - deps.ambient.now().getTime()) / 1000))
        return sendCacheableJson(c, viewOf(told), maxAge)
      }
    }
  })
}

function unknownDetail(troubles: readonly { detail: string; subject: string }[]): string {
  const why = troubles.map(({ subject, detail }) => `${subject}: ${detail}`).join('; ')
  return why === '' ? 'The recognition list of the root does not verify' : why
}
