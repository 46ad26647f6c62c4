import { parseProviderNumber } from '@arc3088/codec'
import {
  AssignmentAnswer,
  ASSIGNING_PROBLEMS,
  IdempotencyHeader,
  Reason,
  replayHeader,
  issuerTables,
  readProposals,
  readWish,
  type Proposal,
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

import type { RootDeps } from '../deps.ts'
import type { RootAction } from '../permissions.ts'
import { approveProposal, rejectProposal } from './decide.ts'
import { proposeAssignment } from './propose-assignment.ts'

const Id = z.strictObject({ id: z.uuid() })
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
      ...PAGE_QUERY,
    }),
  },
  responses: {
    200: pageResponse('ProposalPage', ProposalView),
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
      content: { 'application/json': { schema: AssignmentAnswer } },
    },
    ...problems(
      ...DECISION_PROBLEMS,
      ...ASSIGNING_PROBLEMS,
      'application-not-found',
      'application-state',
      'entity-known',
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
      return c.json(toPage(items.map(viewOf), limit), 200)
    })
    .openapi(approveRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { hash, reason } = c.req.valid('json')
      const idempotency = readIdempotencyKey(c.req.header('idempotency-key'), { id, hash, reason })
      const decision = { proposalId: id, officer: c.get('principal').id, hash, reason }
      const { code, record, replayed } = await approveProposal(deps, decision, idempotency)
      return c.json({ code, record }, 201, replayHeader(replayed))
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
