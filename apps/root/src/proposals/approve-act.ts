import {
  approveProposal,
  closeProposal,
  issuerTables,
  type Approval,
  type Proposal,
  type Wanted,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import type { AnyAct } from '../acts/act.ts'
import { actOf } from '../acts/registry.ts'
import type { RootDeps } from '../deps.ts'
import { decidingParts } from './deciding-parts.ts'
import { demandSoundProposal } from './sound-proposal.ts'

/** What an approval came to. */
export type ApprovalAnswer =
  | {
      readonly kind: 'carried-out'
      readonly proposal: Proposal
      readonly outcome: object
      readonly replayed: boolean
    }
  | {
      readonly kind: 'waiting'
      readonly proposal: Proposal
      readonly signed: number
      readonly needed: number
    }

const NOTHING: Wanted = { numbers: 0, statuses: 0 }

/**
 * Approves a proposal; the last approval that is needed carries it out in the same transaction, so that a refusal leaves
 * the proposal pending. The same approval again answers what it led to, after seeing to what follows a commit.
 */
export async function approveAct(deps: RootDeps, approval: Approval): Promise<ApprovalAnswer> {
  const { node, issuing } = deps
  issuing.demandWritable()
  const { act, proposal } = await readProposed(deps, approval.proposalId)
  const isPending = proposal.state === 'pending'
  if (isPending) await act.lookAgain?.(deps, proposal.payload)
  const wanted = isPending ? (act.wants?.(proposal.payload) ?? NOTHING) : NOTHING
  using draw = await node.supply.reserve('provider', wanted)
  const answer = await node.db.transaction().execute(async (tx): Promise<ApprovalAnswer> => {
    const issuer = issuerTables(tx)
    const step = await approveProposal(issuer, decidingParts(deps), approval)
    if (step.kind === 'waiting') return step
    if (step.kind === 'replayed')
      return {
        kind: 'carried-out',
        proposal: step.proposal,
        outcome: outcomeOf(step.proposal),
        replayed: true,
      }
    node.ambient.reached('approval:decided')
    const { decided } = step
    const { idempotency } = approval
    const outcome = await act.carryOut(deps, tx, { ...decided, draw, idempotency })
    await closeProposal(issuer, decided.proposalId, { state: 'approved', at: decided.decidedAt, outcome })
    return {
      kind: 'carried-out',
      proposal: { ...step.proposal, state: 'approved', outcome },
      outcome,
      replayed: false,
    }
  })
  if (answer.kind === 'carried-out') {
    node.ambient.reached('approval:committed')
    await act.settle?.(deps, answer.outcome)
    node.ambient.reached('approval:acknowledged')
  }
  return answer
}

/** What a proposal asks for never changes, so it is read before anything is locked. */
async function readProposed(deps: RootDeps, id: string): Promise<{ act: AnyAct; proposal: Proposal }> {
  const proposal = await demandSoundProposal(deps, id)
  const act = actOf(proposal.kind)
  if (proposal.state === 'pending' && !act.payload.safeParse(proposal.payload).success)
    throw new RegistryError('decision-unproven', `Proposal ${id} does not say what ${proposal.kind} takes`)
  return { act, proposal }
}

function outcomeOf(proposal: Proposal): object {
  if (proposal.outcome === undefined)
    throw new Error(`Proposal ${proposal.id} was approved without an outcome`)
  return proposal.outcome
}
