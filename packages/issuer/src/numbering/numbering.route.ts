import {
  parseInstanceNumber,
  parseOntologyNumber,
  parseProviderNumber,
  parseRequesterNumber,
  type Level,
} from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  problems,
  PUBLIC,
  sendCacheableJson,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { readWish } from '../assignment/read-wish.ts'
import { Reason } from '../http/assignment-answer.ts'
import { addRange, closeRange, type NumberingDesk } from './change-plan.ts'
import {
  LevelName,
  NumberingPlanView,
  RangeIndicator,
  RangeKindName,
  viewIndicator,
  viewPlan,
} from '../http/numbering-view.ts'
import { BusinessTypeName, RangeName } from '../http/range-name.ts'
import { readRecentRangeUse } from './read-range-use.ts'

const PLAN_MAX_AGE_SECONDS = 60
const SEGMENT_LENGTH_MAX = 9

const RangeAddition = z
  .strictObject({
    level: LevelName,
    name: RangeName,
    kind: RangeKindName,
    first: z.string().min(1).max(SEGMENT_LENGTH_MAX),
    last: z.string().min(1).max(SEGMENT_LENGTH_MAX),
    business_type: BusinessTypeName.optional().openapi({
      description: 'the range serves requests of this business type only; left out, those that name none',
    }),
    reason: Reason,
  })
  .openapi('NumberingRangeAddition')

const IfMatch = z.object({ 'if-match': z.string().optional() })
const planContent = { 'application/json': { schema: NumberingPlanView } }

const planRoute = createRoute({
  method: 'get',
  path: '/v1/numbering-plan',
  summary: 'How this node numbers what it assigns, and how far (GB/Z 185.2 5.6 a, 6 e)',
  ...PUBLIC,
  responses: { 200: { description: 'The plan', content: planContent }, ...problems('internal') },
})

const indicatorsRoute = createRoute({
  method: 'get',
  path: '/v1/indicators',
  summary: 'Figures of this node: how long the numbers of each range last',
  ...PUBLIC,
  responses: {
    200: {
      description: 'The figures of the moment',
      content: {
        'application/json': {
          schema: z
            .object({ at: z.iso.datetime(), numbering: z.array(RangeIndicator) })
            .openapi('Indicators'),
        },
      },
    },
    ...problems('internal'),
  },
})

const deskRoute = createRoute({
  method: 'get',
  path: '/v1/desk/numbering',
  summary: 'The plan with the ETag that a change of it names',
  ...guard('numbering:read'),
  responses: { 200: { description: 'The plan', content: planContent }, ...problems(...COMMON_PROBLEMS) },
})

const CHANGE_PROBLEMS = [
  ...COMMON_PROBLEMS,
  'precondition-required',
  'precondition-failed',
  'node-read-only',
] as const

const addRoute = createRoute({
  method: 'post',
  path: '/v1/desk/numbering/ranges',
  summary: 'Add a range to the plan; needs If-Match',
  ...guard('numbering:change'),
  request: {
    headers: IfMatch,
    body: { required: true, content: { 'application/json': { schema: RangeAddition } } },
  },
  responses: {
    201: { description: 'The plan as it is now', content: planContent },
    ...problems(...CHANGE_PROBLEMS, 'code-malformed', 'range-overlaps', 'range-taken'),
  },
})

const closeRoute = createRoute({
  method: 'post',
  path: '/v1/desk/numbering/ranges/{name}/close',
  summary: 'Give no more numbers from a range; what it gave stays. Needs If-Match',
  ...guard('numbering:change'),
  request: {
    params: z.strictObject({ name: RangeName }),
    headers: IfMatch,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ level: LevelName, reason: Reason }).openapi('NumberingRangeClosing'),
        },
      },
    },
  },
  responses: {
    200: { description: 'The plan as it is now', content: planContent },
    ...problems(...CHANGE_PROBLEMS, 'range-unknown', 'range-closed'),
  },
})

const PARSE_NUMBER: Readonly<Record<Level, (text: string) => number>> = {
  provider: parseProviderNumber,
  requester: parseRequesterNumber,
  ontology: parseOntologyNumber,
  instance: parseInstanceNumber,
}

/** The plan in public and at the desk, its changes, and how long it lasts. */
export function numberingRoutes(desk: () => NumberingDesk): OpenAPIHono<ServiceEnv> {
  const readPlan = async () => {
    const { db, ambient } = desk()
    return viewPlan(await readRecentRangeUse(db, ambient.now()))
  }
  return createRoutes()
    .openapi(planRoute, async (c) => sendCacheableJson(c, await readPlan(), PLAN_MAX_AGE_SECONDS))
    .openapi(indicatorsRoute, async (c) => {
      const { db, ambient } = desk()
      const now = ambient.now()
      const uses = await readRecentRangeUse(db, now)
      const numbering = uses.map((use) => viewIndicator(use, now))
      return sendCacheableJson(c, { at: now.toISOString(), numbering }, PLAN_MAX_AGE_SECONDS)
    })
    .openapi(deskRoute, async (c) => {
      await desk().plan.refresh()
      // The version first: a plan that changes in between makes the next change fail, and not this answer lie.
      const etag = etagOf(desk())
      return c.json(await readPlan(), 200, etag)
    })
    .openapi(addRoute, async (c) => {
      const { level, name, kind, first, last, business_type: businessType, reason } = c.req.valid('json')
      const parse = PARSE_NUMBER[level]
      const range = {
        level,
        name,
        kind,
        first: readWish(parse, first) ?? 0,
        last: readWish(parse, last) ?? 0,
        ...(businessType === undefined ? {} : { businessType }),
      }
      const version = readIfMatch(c.req.header('if-match'))
      await addRange(desk(), range, { operator: c.get('principal').id, reason, version })
      return c.json(await readPlan(), 201, etagOf(desk()))
    })
    .openapi(closeRoute, async (c) => {
      const { level, reason } = c.req.valid('json')
      const { name } = c.req.valid('param')
      const version = readIfMatch(c.req.header('if-match'))
      await closeRange(desk(), { level, name }, { operator: c.get('principal').id, reason, version })
      return c.json(await readPlan(), 200, etagOf(desk()))
    })
}

function etagOf({ plan }: NumberingDesk): { etag: string } {
  return { etag: `"${plan.version()}"` }
}

function readIfMatch(header: string | undefined): number {
  if (header === undefined)
    throw new RegistryError('precondition-required', 'Send the ETag of the numbering plan as If-Match')
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1]
  if (version === undefined)
    throw new RegistryError('precondition-failed', 'If-Match is not an ETag of the numbering plan')
  return Number(version)
}
