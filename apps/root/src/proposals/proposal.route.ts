import { parseProviderNumber } from '@arc3088/codec'
import { issuerTables, readProposals, readWish, type Proposal } from '@arc3088/issuer'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  problems,
  readIdempotencyKey,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import type { RootDeps } from '../deps.ts'
import { PAGE_ITEMS_MAX } from '../limits.ts'
import type { RootAction } from '../permissions.ts'
import { approveProposal, rejectProposal } from './decide.ts'
import { proposeAssignment } from './propose-assignment.ts'

const Id = z.strictObject({ id: z.uuid() })
const Reason = z.string().min(1).max(2000)
const ProposalState = z.enum(['pending', 'approved', 'rejected', 'expired'])

const ProposalView = z
  .object({
    id: z.uuid(),
    kind: z.string(),
    payload: z.record(z.string(), z.unknown()),
    hash: z
      .string()
      .openapi({ description: 'sha-256 of the JCS form of {kind, payload}: what a vote is bound to' }),
    proposer: z.uuid(),
    proposed_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    state: ProposalState,
  })
  .openapi('Proposal')

const Vote = z
  .strictObject({ hash: z.string().regex(/^sha-256:[A-Za-z0-9_-]{43}$/), reason: Reason })
  .openapi('Vote')

const IdempotencyHeader = z.object({ 'idempotency-key': z.string().optional() })

const proposeRoute = createRoute({
  method: 'post',
  path: '/v1/desk/applications/{id}/propose-approval',
  summary: 'Propose to assign a provider code; another officer decides',
  ...guard<RootAction>('assignment:propose'),
  request: {
    params: Id,
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
      'code-malformed',
      'application-not-found',
      'application-state',
      'proposal-pending',
      'number-out-of-plan',
    ),
  },
})

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/proposals',
  summary: 'Proposals, newest first',
  ...guard<RootAction>('proposal:read'),
  request: {
    query: z.strictObject({
      state: ProposalState.optional(),
      before: z.uuid().optional(),
      limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(100),
    }),
  },
  responses: {
    200: {
      description: 'A page; `next` is the `before` of the following one',
      content: {
        'application/json': {
          schema: z
            .object({ items: z.array(ProposalView), next: z.uuid().nullable() })
            .openapi('ProposalPage'),
        },
      },
    },
    ...problems(...COMMON_PROBLEMS),
  },
})

const DECISION_PROBLEMS = [
  ...COMMON_PROBLEMS,
  'proposal-not-found',
  'proposal-decided',
  'proposal-expired',
  'proposal-changed',
  'proposer-approves',
] as const

const approveRoute = createRoute({
  method: 'post',
  path: '/v1/desk/proposals/{id}/approve',
  summary: 'Approve a proposal, which carries it out',
  ...guard<RootAction>('proposal:decide'),
  request: {
    params: Id,
    headers: IdempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: Vote } } },
  },
  responses: {
    201: {
      description: 'Carried out: the signed record; the same for every retry',
      content: {
        'application/json': {
          schema: z.object({ code: z.string(), record: z.string() }).openapi('ProviderAssignment'),
        },
      },
    },
    ...problems(
      ...DECISION_PROBLEMS,
      'idempotency-key-missing',
      'idempotency-key-reused',
      'code-taken',
      'application-state',
      'entity-known',
      'number-out-of-plan',
      'numbering-exhausted',
    ),
  },
})

const rejectRoute = createRoute({
  method: 'post',
  path: '/v1/desk/proposals/{id}/reject',
  summary: 'Reject a proposal',
  ...guard<RootAction>('proposal:decide'),
  request: { params: Id, body: { required: true, content: { 'application/json': { schema: Vote } } } },
  responses: {
    200: { description: 'Rejected', content: { 'application/json': { schema: ProposalView } } },
    ...problems(...DECISION_PROBLEMS),
  },
})

/** Proposals and the decisions over them: dual control, seen from HTTP. */
export function proposalRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  return createRoutes()
    .openapi(proposeRoute, async (c) => {
      const { code, reason } = c.req.valid('json')
      const proposal = await proposeAssignment(deps, {
        applicationId: c.req.valid('param').id,
        code: readWish(parseProviderNumber, code),
        officer: c.get('principal').id,
        reason,
      })
      return c.json(viewOf(proposal), 201)
    })
    .openapi(listRoute, async (c) => {
      const { state, before, limit } = c.req.valid('query')
      const items = await readProposals(issuerTables(deps.node.db), {
        limit,
        ...(state === undefined ? {} : { state }),
        ...(before === undefined ? {} : { before }),
      })
      return c.json(
        { items: items.map(viewOf), next: items.length === limit ? (items.at(-1)?.id ?? null) : null },
        200,
      )
    })
    .openapi(approveRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { hash, reason } = c.req.valid('json')
      const idempotency = readIdempotencyKey(c.req.header('idempotency-key'), { id, hash, reason })
      const decision = { proposalId: id, officer: c.get('principal').id, hash, reason }
      const { code, record } = await approveProposal(deps, decision, idempotency)
      return c.json({ code, record }, 201)
    })
    .openapi(rejectRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { hash, reason } = c.req.valid('json')
      const officer = c.get('principal').id
      return c.json(viewOf(await rejectProposal(deps, { proposalId: id, officer, hash, reason })), 200)
    })
}

function viewOf(proposal: Proposal): z.infer<typeof ProposalView> {
  return {
    id: proposal.id,
    kind: proposal.kind,
    payload: { ...proposal.payload },
    hash: proposal.hash,
    proposer: proposal.proposer,
    proposed_at: proposal.proposedAt.toISOString(),
    expires_at: proposal.expiresAt.toISOString(),
    state: proposal.state,
  }
}
