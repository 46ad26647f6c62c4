import { parseInstanceNumber } from '@arc3088/codec'
import {
  readWish,
  AssignmentAnswer,
  ASSIGNING_PROBLEMS,
  BUSINESS_TYPE_MEMBER,
  IdempotencyHeader,
  replayHeader,
} from '@arc3088/issuer'
import { COMMON_PROBLEMS, createRoutes, guard, problems, type ServiceEnv } from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import type { ProviderAction } from '../permissions.ts'
import { readOwnCode } from '../resolution/own-codes.ts'
import { registerInstance } from './register-instance.ts'
import { readRegistrationKey } from './registration-key.ts'

const CODE_LENGTH_MAX = 300

const registerRoute = createRoute({
  method: 'post',
  path: '/v1/ontologies/{code}/instances',
  summary: 'Register one instance of an approved ontology, automatically (GB/Z 185.2 table A.1 row 4)',
  ...guard<ProviderAction>('instance:register'),
  request: {
    params: z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) }),
    headers: IdempotencyHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              serial: z
                .string()
                .min(1)
                .max(9)
                .optional()
                .openapi({ description: 'an instance serial; left out, the plan gives one' }),
              business_type: BUSINESS_TYPE_MEMBER,
            })
            .openapi('InstanceRegistration'),
        },
      },
    },
  },
  responses: {
    201: {
      description: 'Registered: the signed record, the same for every retry',
      content: { 'application/json': { schema: AssignmentAnswer } },
    },
    ...problems(
      ...COMMON_PROBLEMS,
      ...ASSIGNING_PROBLEMS,
      'awaiting-assignment',
      'appointment-lapsed',
      'provider-suspended',
      'provider-retired',
      'code-version-unsupported',
      'code-not-mine',
      'code-not-found',
      'ontology-not-found',
      'ontology-state',
      'requester-state',
    ),
  },
})

/** `POST /v1/ontologies/{code}/instances`. */
export function instanceRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes().openapi(registerRoute, async (c) => {
    const ontology = readOwnCode(deps, c.req.valid('param').code)
    const { serial, business_type: businessType } = c.req.valid('json')
    const asking = { ontology, wish: readWish(parseInstanceNumber, serial), businessType }
    const idempotency = readRegistrationKey(c.req.header('idempotency-key'), asking)
    const requesterId = c.get('principal').id
    const outcome = await registerInstance(deps, { ...asking, requesterId, idempotency })
    return c.json({ code: outcome.subject.text, record: outcome.record }, 201, replayHeader(outcome.replayed))
  })
}
