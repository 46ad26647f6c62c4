import { formatSegment, parseRequesterNumber } from '@arc3088/codec'
import {
  readWish,
  AssignmentAnswer,
  ASSIGNING_PROBLEMS,
  BUSINESS_TYPE_MEMBER,
  IdempotencyHeader,
  Reason,
  replayHeader,
} from '@arc3088/issuer'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  problems,
  readIdempotencyKey,
  type ServiceEnv,
  PAGE_QUERY,
  pageResponse,
  toPage,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import type { ProviderAction } from '../permissions.ts'
import { readRequesters } from './read-requesters.ts'
import { namedBusinessType } from '../http/named-business-type.ts'
import { RequesterView, viewOf } from '../http/requester-view.ts'
import { verifyRequester } from './verify-requester.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/requesters',
  summary: 'Requesters and applicants, newest first',
  ...guard<ProviderAction>('requester:read'),
  request: {
    query: z.strictObject({
      state: z.enum(['applied', 'active']).optional(),
      ...PAGE_QUERY,
    }),
  },
  responses: {
    200: pageResponse('RequesterPage', RequesterView),
    ...problems(...COMMON_PROBLEMS),
  },
})

const verifyRoute = createRoute({
  method: 'post',
  path: '/v1/desk/requesters/{id}/verify',
  summary: 'Note that an applicant was verified, and assign its requester code (GB/Z 185.2 5.5)',
  ...guard<ProviderAction>('requester:verify'),
  request: {
    params: z.strictObject({ id: z.uuid() }),
    headers: IdempotencyHeader,
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
                .optional()
                .openapi({ description: 'left out, the plan gives one' }),
              business_type: BUSINESS_TYPE_MEMBER,
              reason: Reason,
            })
            .openapi('RequesterVerification'),
        },
      },
    },
  },
  responses: {
    201: {
      description: 'Verified: the signed record, the same for every retry',
      content: { 'application/json': { schema: AssignmentAnswer } },
    },
    ...problems(
      ...COMMON_PROBLEMS,
      ...ASSIGNING_PROBLEMS,
      'awaiting-assignment',
      'appointment-lapsed',
      'provider-suspended',
      'provider-retired',
      'requester-not-found',
      'requester-state',
    ),
  },
})

/** Requesters, seen from the desk. */
export function requesterDeskRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const page = c.req.valid('query')
      const files = await readRequesters(deps, page)
      const items = files.map((file) => viewOf(deps, file))
      return c.json(toPage(items, page.limit), 200)
    })
    .openapi(verifyRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { code, reason, business_type: businessType } = c.req.valid('json')
      const wish = readWish(parseRequesterNumber, code)
      const spelled = wish === undefined ? null : formatSegment(wish)
      const idempotency = readIdempotencyKey(c.req.header('idempotency-key'), {
        id,
        code: spelled,
        reason,
        ...namedBusinessType(businessType),
      })
      const outcome = await verifyRequester(
        deps,
        { requesterId: id, wish, businessType, operator: c.get('principal').id, reason },
        idempotency,
      )
      return c.json(
        { code: outcome.subject.text, record: outcome.record },
        201,
        replayHeader(outcome.replayed),
      )
    })
}
