import { Reason } from '@arc3088/issuer'
import { COMMON_PROBLEMS, createRoutes, guard, problems, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { ACT_PROBLEMS } from '../acts/act-problems.ts'
import type { RootDeps } from '../deps.ts'
import type { RootAction } from '../permissions.ts'
import { ASSIGN_PROVIDER } from '../providers/assign-payload.ts'
import { ProposalView, viewOf } from '../http/proposal-view.ts'
import { proposeAct } from './propose-act.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/desk/applications/{id}/propose-approval',
  summary: 'Propose to assign a provider code; the same as a proposal of kind `provider:assign`',
  ...guard<RootAction>('act:propose'),
  request: {
    params: z.strictObject({ id: z.uuid() }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              code: z
                .string()
                .min(1)
                .max(6)
                .nullable()
                .default(null)
                .openapi({ description: 'null takes the next' }),
              reason: Reason,
            })
            .openapi('AssignmentProposal'),
        },
      },
    },
  },
  responses: {
    201: { description: 'Proposed', content: { 'application/json': { schema: ProposalView } } },
    ...problems(
      ...COMMON_PROBLEMS,
      ...ACT_PROBLEMS,
      'proposal-pending',
      'officers-not-enrolled',
      'decision-unproven',
    ),
  },
})

/** The way from an application to a proposal. */
export function proposeApprovalRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(route, async (c) => {
    const { code, reason } = c.req.valid('json')
    const ask = { application_id: c.req.valid('param').id, code }
    const proposal = await proposeAct(deps, c.get('principal'), { kind: ASSIGN_PROVIDER, ask, reason })
    return c.json(viewOf(proposal, deps.node.entityId), 201)
  })
}
