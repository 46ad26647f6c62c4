import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  PAGE_QUERY,
  pageResponse,
  problems,
  toPage,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import type { RootAction } from '../permissions.ts'
import { readDeskAgreement, readDeskAgreements, type AgreementView } from './read-agreements.ts'

const NAME_LENGTH_MAX = 64

const DeskAgreement = z
  .object({
    id: z.uuid(),
    jti: z.string(),
    hash: z.string(),
    version: z.int(),
    sender: z.url().openapi({ description: 'who proposed it; this root itself, where it did' }),
    received_at: z.iso.datetime(),
    stage: z.string(),
    parties: z.array(
      z.object({ entity_id: z.url(), signed: z.boolean(), state: z.string(), since: z.int() }),
    ),
    links: z.array(z.object({ between: z.array(z.url()), state: z.string(), since: z.int() })),
    events: z.array(
      z.object({
        iss: z.url(),
        seq: z.int(),
        event: z.string(),
        towards: z.string(),
        reason: z.string(),
        effective: z.int(),
        hash: z.string(),
      }),
    ),
    doubted: z
      .array(z.object({ entity_id: z.url(), since: z.int() }))
      .openapi({ description: 'parties that signed two events for one place; they count as suspended here' }),
    deliveries: z.array(
      z.object({
        recipient: z.url(),
        kind: z.enum(['terms', 'signature', 'event']),
        attempts: z.int(),
        due_at: z.iso.datetime(),
        delivered_at: z.iso.datetime().nullable(),
        last_answer: z.string().nullable(),
      }),
    ),
    agreement: z.record(z.string(), z.unknown()).openapi({ description: 'the terms (W9)' }),
  })
  .openapi('DeskAgreement')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/agreements',
  summary: 'Every agreement that was proposed by this root or to it, newest first',
  ...guard<RootAction>('agreement:read'),
  request: { query: z.strictObject(PAGE_QUERY) },
  responses: {
    200: pageResponse('DeskAgreementPage', DeskAgreement),
    ...problems(...COMMON_PROBLEMS, 'decision-unproven'),
  },
})

const readRoute = createRoute({
  method: 'get',
  path: '/v1/desk/agreements/{jti}',
  summary: 'An agreement with who signed, how its links stand, and what is still to be delivered',
  ...guard<RootAction>('agreement:read'),
  request: { params: z.strictObject({ jti: z.string().min(1).max(NAME_LENGTH_MAX) }) },
  responses: {
    200: { description: 'The agreement', content: { 'application/json': { schema: DeskAgreement } } },
    ...problems(...COMMON_PROBLEMS, 'agreement-not-found', 'decision-unproven'),
  },
})

/** What the desk sees of agreements. */
export function agreementDeskRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const { before, limit } = c.req.valid('query')
      const views = await readDeskAgreements(deps, { before, limit })
      return c.json(toPage(views.map(shown), limit), 200)
    })
    .openapi(readRoute, async (c) =>
      c.json(shown(await readDeskAgreement(deps, c.req.valid('param').jti)), 200),
    )
}

function shown({
  agreement,
  stage,
  parties,
  links,
  deliveries,
}: AgreementView): z.infer<typeof DeskAgreement> {
  const { id, hash, claims, sender, receivedAt, events, doubted } = agreement
  return {
    id,
    jti: claims.jti,
    hash,
    version: claims.version,
    sender,
    received_at: receivedAt.toISOString(),
    stage,
    parties: parties.map(({ entityId, ...party }) => ({ entity_id: entityId, ...party })),
    links: links.map(({ between, state, since }) => ({ between: [...between], state, since })),
    events: events.map(({ claims: { iss, seq, event, towards, reason, effective }, hash: eventHash }) => ({
      iss,
      seq,
      event,
      towards,
      reason,
      effective,
      hash: eventHash,
    })),
    doubted: [...doubted].map(([entityId, since]) => ({ entity_id: entityId, since })),
    deliveries: deliveries.map((each) => ({
      recipient: each.recipient,
      kind: each.kind,
      attempts: each.attempts,
      due_at: each.dueAt.toISOString(),
      delivered_at: each.deliveredAt?.toISOString() ?? null,
      last_answer: each.lastAnswer,
    })),
    agreement: { ...claims },
  }
}
