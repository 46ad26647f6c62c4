import { parseProviderNumber } from '@arc3088/codec'
import {
  acknowledge,
  assignAll,
  decideProposal,
  issuerTables,
  lockNames,
  readProposal,
  replayEarlier,
  type Outcome,
  type Proposal,
  type StatusIndex,
  type Submission,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { CompactJws } from '@arc3088/records'
import type { IdempotencyKey } from '@arc3088/service'
import { z } from 'zod'

import type { RootDeps } from '../deps.ts'
import type { ProviderAssignment } from '../providers/assignment.ts'
import { providerTier } from '../providers/provider-tier.ts'
import { ASSIGN_PROVIDER } from './propose-assignment.ts'

/** An officer's word on one proposal. */
export interface Decision {
  readonly proposalId: string
  readonly officer: string
  /** The hash of the proposal that the officer read. */
  readonly hash: string
  readonly reason: string
}

/** What an approval led to: the record, as stored. */
export interface AssignmentMade {
  readonly code: string
  readonly record: CompactJws
  readonly replayed: boolean
}

const AssignmentPayload = z.looseObject({ application_id: z.uuid(), code: z.string().nullable() })

/**
 * Approves a proposal and does what it says, in one transaction: vote, code, record and provider stand or fall
 * together, so a refusal leaves the proposal pending. The same approval again answers the same record. A code that the
 * desk chose stands in the journal before it is answered: no lease stands for it.
 */
export async function approveProposal(
  deps: RootDeps,
  decision: Decision,
  idempotency: IdempotencyKey,
): Promise<AssignmentMade> {
  const { node, issuing } = deps
  issuing.demandWritable()
  const submit = <Request>(request: Request): Submission<Request> => {
    return { request, principal: decision.officer, scopeRequester: 0, idempotency }
  }
  const wanted = await readWanted(deps, decision.proposalId)
  // Two places in status lists: the record's own and that of the statement. A number only where none is chosen.
  using draw = await node.supply.reserve('provider', { numbers: wanted.code === null ? 1 : 0, statuses: 2 })
  const made = await node.db.transaction().execute(async (tx) => {
    // A retry waits here for its first try, and then meets its own answer before the proposal that it decided; a
    // proposal about the same application waits here too.
    await lockNames(issuerTables(tx), [
      `application:${wanted.application_id}`,
      `proposal:${decision.proposalId}`,
    ])
    const earlier = await replayEarlier(tx, providerTier.operation, deps.prefix, [submit(decision)])
    if (earlier.size > 0) return demandAssigned(earlier.get(0))
    const proposal = await decideProposal(issuerTables(tx), node.ambient, { ...decision, vote: 'approve' })
    node.ambient.reached('approval:decided')
    const request = requestOf(proposal, decision.officer, draw.status())
    const [outcome] = await assignAll(tx, providerTier, issuing, [submit(request)], draw)
    return demandAssigned(outcome)
  })
  node.ambient.reached('approval:committed')
  await acknowledge(issuing, 'provider', [made])
  node.ambient.reached('approval:acknowledged')
  return { code: made.subject.text, record: made.record, replayed: made.replayed }
}

/** Rejects a proposal; what it was about can be proposed again. */
export async function rejectProposal(deps: RootDeps, decision: Decision): Promise<Proposal> {
  const { db, ambient } = deps.node
  return await db
    .transaction()
    .execute((tx) => decideProposal(issuerTables(tx), ambient, { ...decision, vote: 'reject' }))
}

/** What a proposal asks for; it never changes, so it is read before anything is locked. */
async function readWanted(deps: RootDeps, proposalId: string): Promise<z.infer<typeof AssignmentPayload>> {
  const proposal = await readProposal(issuerTables(deps.node.db), proposalId)
  if (proposal === undefined) {
    throw new RegistryError('proposal-not-found', `There is no proposal ${proposalId}`)
  }
  return readPayload(proposal)
}

function readPayload(proposal: Proposal): z.infer<typeof AssignmentPayload> {
  if (proposal.kind !== ASSIGN_PROVIDER)
    throw new Error(`Nothing carries out a proposal of kind ${proposal.kind}`)
  return AssignmentPayload.parse(proposal.payload)
}

function requestOf(proposal: Proposal, officer: string, statementStatus: StatusIndex): ProviderAssignment {
  const { application_id: applicationId, code } = readPayload(proposal)
  return {
    applicationId,
    wish: code === null ? undefined : parseProviderNumber(code),
    approval: { proposalId: proposal.id, officer },
    statementStatus,
  }
}

/** Throwing rolls the whole decision back. */
function demandAssigned(outcome: Outcome | undefined): Extract<Outcome, { kind: 'assigned' }> {
  if (outcome === undefined) throw new Error('An approval led to no outcome')
  if (outcome.kind === 'refused') throw outcome.error
  return outcome
}
