import { Reason } from '@arc3088/issuer'
import { COMMON_PROBLEMS, createRoutes, guard, problems, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { ACT_PROBLEMS } from '../acts/act-problems.ts'
import type { RootDeps } from '../deps.ts'
import type { RootAction } from '../permissions.ts'
import { ProposalView, viewOf } from '../http/proposal-view.ts'
import { proposeAct } from '../proposals/propose-act.ts'
import { REJECT_APPLICATION, RejectApplicationAsk } from './reject-application.act.ts'

const Body = z
  .strictObject({ reasons: RejectApplicationAsk.shape.reasons, reason: Reason })
  .openapi('RejectionProposal')

const route = createRoute({
  method: 'post',
  path: '/v1/desk/applications/{id}/propose-rejection',
  summary: 'Propose to reject an application; the same as a proposal of kind `application:reject`',
  ...guard<RootAction>('act:propose'),
  request: {
    params: z.strictObject({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: Body } } },
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

/** The way from an application to a proposal that ends it. `reasons` are public, `reason` is the desk's own. */
export function proposeRejectionRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(route, async (c) => {
    const { reasons, reason } = c.req.valid('json')
    const ask = { application_id: c.req.valid('param').id, reasons }
    const proposal = await proposeAct(deps, c.get('principal'), { kind: REJECT_APPLICATION, ask, reason })
    return c.json(viewOf(proposal, deps.node.entityId), 201)
  })
}
