import { formatSegment, parseOntologyNumber } from '@arc3088/codec'
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
  pageResponse,
  toPage,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { ProviderDeps } from '../deps.ts'
import { namedBusinessType } from '../http/named-business-type.ts'
import { etagOf, ONTOLOGY_PAGE_QUERY, OntologyView, ReviewStateName, viewOf } from '../http/ontology-view.ts'
import type { ProviderAction } from '../permissions.ts'
import { EvidenceReference } from '../requesters/requester.ts'
import { readOntologies } from './read-ontologies.ts'
import { approveOntology, reviewOntology } from './review-ontology.ts'

/** Documents that one approval names at most. */
const EVIDENCE_MAX = 16

const Id = z.strictObject({ id: z.uuid() })
const REVIEW = guard<ProviderAction>('ontology:review')
const Verdict = z.strictObject({ reason: Reason }).openapi('ReviewReason')
const reviewResponses = {
  200: { description: 'As it is now', content: { 'application/json': { schema: OntologyView } } },
  ...problems(...COMMON_PROBLEMS, 'ontology-not-found', 'ontology-state', 'awaiting-assignment'),
}

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/ontologies',
  summary: 'What requesters handed in, newest first',
  ...guard<ProviderAction>('ontology:read'),
  request: {
    query: z.strictObject({
      review: ReviewStateName.exclude(['draft']).optional(),
      ...ONTOLOGY_PAGE_QUERY,
    }),
  },
  responses: {
    200: pageResponse('OntologyPage', OntologyView),
    ...problems(...COMMON_PROBLEMS, 'awaiting-assignment'),
  },
})

const takeRoute = createRoute({
  method: 'post',
  path: '/v1/desk/ontologies/{id}/take',
  summary: 'Take a submitted ontology up for review',
  ...REVIEW,
  request: { params: Id },
  responses: reviewResponses,
})

const verdict = {
  method: 'post',
  ...REVIEW,
  request: {
    params: Id,
    body: { required: true, content: { 'application/json': { schema: Verdict } } },
  },
  responses: reviewResponses,
} as const

const returnRoute = createRoute({
  ...verdict,
  path: '/v1/desk/ontologies/{id}/return',
  summary: 'Return an ontology to its requester, who may edit it and hand it in again',
})

const rejectRoute = createRoute({
  ...verdict,
  path: '/v1/desk/ontologies/{id}/reject',
  summary: 'Reject an ontology for good',
})

const approveRoute = createRoute({
  method: 'post',
  path: '/v1/desk/ontologies/{id}/approve',
  summary: 'Approve an ontology and assign its code, which ends in .0 (GB/Z 185.2 table A.1 row 2)',
  ...REVIEW,
  request: {
    params: Id,
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
                .openapi({ description: 'an ontology serial; left out, the plan gives one' }),
              business_type: BUSINESS_TYPE_MEMBER,
              evidence: z.array(EvidenceReference).min(1).max(EVIDENCE_MAX).optional().openapi({
                description: 'certificates and other documents; needed where the scenario is sensitive',
              }),
              reason: Reason,
            })
            .openapi('OntologyApproval'),
        },
      },
    },
  },
  responses: {
    201: {
      description: 'Approved: the signed record, the same for every retry',
      content: { 'application/json': { schema: AssignmentAnswer } },
    },
    ...problems(
      ...COMMON_PROBLEMS,
      ...ASSIGNING_PROBLEMS,
      'awaiting-assignment',
      'appointment-lapsed',
      'provider-suspended',
      'provider-retired',
      'ontology-not-found',
      'ontology-state',
      'evidence-required',
    ),
  },
})

/** Ontologies, seen from the desk. */
export function ontologyDeskRoutes(deps: ProviderDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(listRoute, async (c) => {
      const page = c.req.valid('query')
      return c.json(
        toPage(
          (await readOntologies(deps, page)).map((ontology) => viewOf(deps, ontology)),
          page.limit,
        ),
        200,
      )
    })
    .openapi(takeRoute, async (c) => {
      const reviewer = c.get('principal').id
      const taken = await reviewOntology(deps, c.req.valid('param').id, {
        act: 'take',
        reviewer,
        reason: null,
      })
      return c.json(viewOf(deps, taken), 200, etagOf(taken))
    })
    .openapi(approveRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { serial, reason, evidence, business_type: businessType } = c.req.valid('json')
      const wish = readWish(parseOntologyNumber, serial)
      const spelled = wish === undefined ? null : formatSegment(wish)
      const idempotency = readIdempotencyKey(c.req.header('idempotency-key'), {
        id,
        serial: spelled,
        reason,
        ...namedBusinessType(businessType),
        ...(evidence === undefined ? {} : { evidence }),
      })
      const outcome = await approveOntology(
        deps,
        {
          ontologyId: id,
          wish,
          businessType,
          evidence: evidence ?? [],
          operator: c.get('principal').id,
          reason,
        },
        idempotency,
      )
      return c.json(
        { code: outcome.subject.text, record: outcome.record },
        201,
        replayHeader(outcome.replayed),
      )
    })
    .openapi(returnRoute, async (c) => {
      const review = { reviewer: c.get('principal').id, reason: c.req.valid('json').reason }
      const returned = await reviewOntology(deps, c.req.valid('param').id, { act: 'return', ...review })
      return c.json(viewOf(deps, returned), 200, etagOf(returned))
    })
    .openapi(rejectRoute, async (c) => {
      const review = { reviewer: c.get('principal').id, reason: c.req.valid('json').reason }
      const rejected = await reviewOntology(deps, c.req.valid('param').id, { act: 'reject', ...review })
      return c.json(viewOf(deps, rejected), 200, etagOf(rejected))
    })
}
