import { Reason } from '@arc3088/issuer'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  problems,
  type Principal,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import type { ProviderAction } from '../permissions.ts'
import { changeLife } from './change-life.ts'
import type { LifeAct } from './life.ts'

const CODE_LENGTH_MAX = 300

const LifeView = z
  .object({
    code: z.string(),
    level: z.enum(['ontology', 'instance']),
    state: z.enum(['active', 'locked', 'retired']),
    locked_by: z
      .enum(['requester', 'desk'])
      .nullable()
      .openapi({ description: 'who holds the lock; only a reviewer unlocks what the desk locked' }),
  })
  .openapi('CodeState')

const LifeChange = z.strictObject({ reason: Reason }).openapi('LifeChange')

const change = {
  method: 'post',
  ...guard<ProviderAction>('code:change'),
  request: {
    params: z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) }),
    body: { required: true, content: { 'application/json': { schema: LifeChange } } },
  },
  responses: {
    200: { description: 'As it is now', content: { 'application/json': { schema: LifeView } } },
    ...problems(
      ...COMMON_PROBLEMS,
      'code-malformed',
      'code-version-unsupported',
      'code-not-mine',
      'code-not-found',
      'code-state',
      'requester-state',
      'awaiting-assignment',
      'provider-retired',
    ),
  },
} as const

const lockRoute = createRoute({
  ...change,
  path: '/v1/codes/{code}/lock',
  summary: 'Lock an ontology or an instance; an ontology that is locked locks every instance of it',
})

const unlockRoute = createRoute({
  ...change,
  path: '/v1/codes/{code}/unlock',
  summary:
    'Unlock a code, as a reviewer if the desk locked it; an instance that was locked on its own stays so when its ontology is unlocked',
})

const retireRoute = createRoute({
  ...change,
  path: '/v1/codes/{code}/retire',
  summary: 'Retire a code for ever; it stays resolvable and is never assigned again',
})

/** `POST /v1/codes/{code}/{lock,unlock,retire}`. */
export function lifeRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  const answer = async (act: LifeAct, code: string, reason: string, principal: Principal) => {
    const { subject, standing } = await changeLife(deps, { code, act, principal, reason })
    const level = subject.level === 'instance' ? ('instance' as const) : ('ontology' as const)
    return { code: subject.text, level, state: standing.life, locked_by: standing.lockedBy }
  }
  return createRoutes()
    .openapi(lockRoute, async (c) => {
      const { reason } = c.req.valid('json')
      return c.json(await answer('lock', c.req.valid('param').code, reason, c.get('principal')), 200)
    })
    .openapi(unlockRoute, async (c) => {
      const { reason } = c.req.valid('json')
      return c.json(await answer('unlock', c.req.valid('param').code, reason, c.get('principal')), 200)
    })
    .openapi(retireRoute, async (c) => {
      const { reason } = c.req.valid('json')
      return c.json(await answer('retire', c.req.valid('param').code, reason, c.get('principal')), 200)
    })
}
