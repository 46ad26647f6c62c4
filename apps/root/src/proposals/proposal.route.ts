import {
  ASSIGNING_PROBLEMS,
  IdempotencyHeader,
  issuerTables,
  readProposals,
  Reason,
  replayHeader,
} from '@arc3088/issuer'
import {
  COMMON_PROBLEMS,
  createRoutes,
  guard,
  PAGE_QUERY,
  pageResponse,
  problems,
  readIdempotencyKey,
  toPage,
  type ServiceEnv,
} from '@arc3088/service'
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'

import { ACT_PROBLEMS } from '../acts/act-problems.ts'
import { ACTS } from '../acts/registry.ts'
import type { RootDeps } from '../deps.ts'
import type { RootAction } from '../permissions.ts'
import { approveAct } from './approve-act.ts'
import { rejectAct, signOwnProposal, withdrawAct } from './end-proposal.ts'
import { ProposalView, SignatureBody, viewOf } from '../http/proposal-view.ts'
import { proposeAct } from './propose-act.ts'
import { demandSoundProposal, soundProposals } from './sound-proposal.ts'

const Id = z.strictObject({ id: z.uuid() })
const Hash = z.string().regex(/^sha-256:[A-Za-z0-9_-]{43}$/)
const Word = z.strictObject({ hash: Hash, reason: Reason }).openapi('Vote')
const json = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
})
const proposalAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: ProposalView } },
})

const DECISION_PROBLEMS = [
  ...COMMON_PROBLEMS,
  'proposal-not-found',
  'proposal-decided',
  'proposal-expired',
  'proposal-changed',
] as const
const SIGNING_PROBLEMS = [
  'officers-not-enrolled',
  'officers-changed',
  'officer-key-unknown',
  'decision-signature-invalid',
  'decision-unproven',
  'operator-disabled',
] as const

const proposeRoute = createRoute({
  method: 'post',
  path: '/v1/desk/proposals',
  summary: 'Propose an act; its proposer signs it, other officers decide',
  ...guard<RootAction>('act:propose'),
  request: {
    body: json(
      z
        .strictObject({
          kind: z
            .string()
            .min(1)
            .max(100)
            .openapi({ description: ACTS.map(({ kind, summary }) => `\`${kind}\`: ${summary}`).join('; ') }),
          ask: z.record(z.string(), z.unknown()).openapi({ description: 'what the act needs, by its kind' }),
          reason: Reason,
        })
        .openapi('ActProposal'),
    ),
  },
  responses: {
    201: proposalAnswer('Proposed'),
    ...problems(...COMMON_PROBLEMS, ...SIGNING_PROBLEMS, ...ACT_PROBLEMS, 'act-unknown', 'proposal-pending'),
  },
})

const listRoute = createRoute({
  method: 'get',
  path: '/v1/desk/proposals',
  summary: 'Proposals, newest first',
  ...guard<RootAction>('proposal:read'),
  request: { query: z.strictObject({ state: ProposalView.shape.state.optional(), ...PAGE_QUERY }) },
  responses: { 200: pageResponse('ProposalPage', ProposalView), ...problems(...COMMON_PROBLEMS) },
})

const readRoute = createRoute({
  method: 'get',
  path: '/v1/desk/proposals/{id}',
  summary: 'One proposal, with what officers sign of it',
  ...guard<RootAction>('proposal:read'),
  request: { params: Id },
  responses: {
    200: proposalAnswer('The proposal'),
    ...problems(...COMMON_PROBLEMS, 'proposal-not-found', 'decision-unproven'),
  },
})

const signRoute = createRoute({
  method: 'post',
  path: '/v1/desk/proposals/{id}/sign',
  summary: 'Sign a proposal of one’s own, which opens it to the others',
  ...guard<RootAction>('act:propose'),
  request: {
    params: Id,
    body: json(z.strictObject({ hash: Hash, signature: SignatureBody }).openapi('ProposalSignature')),
  },
  responses: {
    200: proposalAnswer('Signed'),
    ...problems(...DECISION_PROBLEMS, ...SIGNING_PROBLEMS, 'not-the-proposer'),
  },
})

const approveRoute = createRoute({
  method: 'post',
  path: '/v1/desk/proposals/{id}/approve',
  summary: 'Approve a proposal; the last approval that is needed carries it out',
  ...guard<RootAction>('proposal:decide'),
  request: {
    params: Id,
    headers: IdempotencyHeader,
    body: json(Word.extend({ signature: SignatureBody }).openapi('Approval')),
  },
  responses: {
    201: {
      description: 'Carried out; the same for every retry',
      content: {
        'application/json': {
          schema: z
            .object({ proposal: ProposalView, outcome: z.record(z.string(), z.unknown()) })
            .openapi('CarriedOut'),
        },
      },
    },
    202: {
      description: 'Counted; more officers are needed',
      content: {
        'application/json': {
          schema: z
            .object({ proposal: ProposalView, signed: z.int(), needed: z.int() })
            .openapi('ApprovalCounted'),
        },
      },
    },
    ...problems(
      ...DECISION_PROBLEMS,
      ...SIGNING_PROBLEMS,
      ...ASSIGNING_PROBLEMS,
      ...ACT_PROBLEMS,
      'proposer-approves',
      'proposal-unsigned',
    ),
  },
})

const rejectRoute = createRoute({
  method: 'post',
  path: '/v1/desk/proposals/{id}/reject',
  summary: 'Reject a proposal',
  ...guard<RootAction>('proposal:decide'),
  request: { params: Id, body: json(Word) },
  responses: {
    200: proposalAnswer('Rejected'),
    ...problems(
      ...DECISION_PROBLEMS,
      'proposer-approves',
      'proposal-about-self',
      'operator-disabled',
      'decision-unproven',
    ),
  },
})

const withdrawRoute = createRoute({
  method: 'post',
  path: '/v1/desk/proposals/{id}/withdraw',
  summary: 'Take a proposal of one’s own back',
  ...guard<RootAction>('act:propose'),
  request: { params: Id, body: json(Word) },
  responses: {
    200: proposalAnswer('Withdrawn'),
    ...problems(...DECISION_PROBLEMS, 'not-the-proposer', 'operator-disabled', 'decision-unproven'),
  },
})

/** Proposals and the decisions over them: dual control, seen from HTTP. */
export function proposalRoutes(deps: RootDeps): OpenAPIHono<ServiceEnv> {
  const view = (proposal: Parameters<typeof viewOf>[0]) => viewOf(proposal, deps.node.entityId)
  return createRoutes()
    .openapi(proposeRoute, async (c) =>
      c.json(view(await proposeAct(deps, c.get('principal'), c.req.valid('json'))), 201),
    )
    .openapi(listRoute, async (c) => {
      const { state, before, limit } = c.req.valid('query')
      const items = await readProposals(issuerTables(deps.node.db), {
        limit,
        ...(state === undefined ? {} : { state }),
        ...(before === undefined ? {} : { before }),
      })
      const sound = await soundProposals(deps, items)
      // Where the page goes on the rows tell, also those that are not shown.
      const { next } = toPage(items, limit)
      return c.json({ items: sound.map(view), next }, 200)
    })
    .openapi(readRoute, async (c) => {
      return c.json(view(await demandSoundProposal(deps, c.req.valid('param').id)), 200)
    })
    .openapi(signRoute, async (c) => {
      const word = { proposalId: c.req.valid('param').id, officer: c.get('principal').id }
      return c.json(view(await signOwnProposal(deps, { ...word, ...c.req.valid('json') })), 200)
    })
    .openapi(approveRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { hash, reason, signature } = c.req.valid('json')
      // Without the signature: two good ones of the same key differ, and mean the same.
      const idempotency = readIdempotencyKey(c.req.header('idempotency-key'), { id, hash, reason })
      const officer = c.get('principal').id
      const answer = await approveAct(deps, { proposalId: id, officer, hash, reason, signature, idempotency })
      const proposal = view(answer.proposal)
      return answer.kind === 'waiting'
        ? c.json({ proposal, signed: answer.signed, needed: answer.needed }, 202)
        : c.json({ proposal, outcome: { ...answer.outcome } }, 201, replayHeader(answer.replayed))
    })
    .openapi(rejectRoute, async (c) => {
      const word = { proposalId: c.req.valid('param').id, officer: c.get('principal').id }
      return c.json(view(await rejectAct(deps, { ...word, ...c.req.valid('json') })), 200)
    })
    .openapi(withdrawRoute, async (c) => {
      const word = { proposalId: c.req.valid('param').id, officer: c.get('principal').id }
      return c.json(view(await withdrawAct(deps, { ...word, ...c.req.valid('json') })), 200)
    })
}
