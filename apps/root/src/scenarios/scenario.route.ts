import { MEDIA_TYPE, ScenarioEntry } from '@arc3088/records'
import { createRoutes, problems, PUBLIC, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { sendListPage } from '../http/list-page.ts'
import { SCENARIOS_PATH } from './scenario-tiers.ts'

const ScenarioTableView = z
  .object({
    seq: z.number().int(),
    digest: z.string(),
    decision: z.string().nullable(),
    scenarios: z.array(ScenarioEntry),
  })
  .openapi('ScenarioTable')

const tableRoute = createRoute({
  method: 'get',
  path: SCENARIOS_PATH,
  summary: 'The nineteen scenarios of the policy with their tiers: signed, or JSON (P-10, P-12)',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The table',
      content: {
        [MEDIA_TYPE.scenarioTable]: { schema: z.string() },
        'application/json': { schema: ScenarioTableView },
      },
    },
    304: { description: 'The table is as it was' },
    ...problems('request-invalid', 'not-acceptable', 'internal'),
  },
})

/** `GET /v1/scenarios`. */
export function scenarioRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(tableRoute, async (c) => {
    const view = async () => {
      const { seq, digest, entries, last } = await deps.lists.scenarios.standing()
      return { seq, digest, decision: last?.hash ?? null, scenarios: entries }
    }
    const options = { page: 1, mediaType: MEDIA_TYPE.scenarioTable, view }
    return (await sendListPage(c, deps.lists.scenarios, options)) as never
  })
}
