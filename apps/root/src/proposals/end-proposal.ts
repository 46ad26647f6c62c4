import {
  issuerTables,
  lockDesk,
  readProposal,
  rejectProposal,
  signProposal,
  withdrawProposal,
  type OfficerWord,
  type Proposal,
} from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { DecisionSignature } from '@arc3088/records'
import type { Transaction } from 'kysely'

import { ACTS } from '../acts/registry.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { decidingParts } from './deciding-parts.ts'
import { demandSoundProposal } from './sound-proposal.ts'

/** Keeps the proposer's own signature, which opens the proposal to the others. */
export async function signOwnProposal(
  deps: RootDeps,
  word: OfficerWord & { signature: DecisionSignature },
): Promise<Proposal> {
  await demandSoundProposal(deps, word.proposalId)
  const parts = decidingParts(deps)
  return await deps.node.db.transaction().execute((tx) => signProposal(issuerTables(tx), parts, word))
}

/** Rejects a proposal; what it was about can be proposed again. */
export async function rejectAct(deps: RootDeps, word: OfficerWord & { reason: string }): Promise<Proposal> {
  await demandSoundProposal(deps, word.proposalId)
  return await deps.node.db.transaction().execute(async (tx) => {
    const issuer = issuerTables(tx)
    await lockDesk(issuer)
    const proposal = await readProposal(issuer, word.proposalId)
    if (proposal !== undefined) await demandImpartial(deps, tx, { proposal, officer: word.officer })
    return await rejectProposal(issuer, decidingParts(deps), word)
  })
}

/** Nobody stays at the desk, or in office, by his own word. */
async function demandImpartial(
  deps: RootDeps,
  tx: Transaction<RootTables>,
  { proposal, officer }: { proposal: Proposal; officer: string },
): Promise<void> {
  const { payload, kind } = proposal
  // A kind that there no longer is can still be rejected.
  const act = ACTS.find((each) => each.kind === kind)
  const concerned = (await act?.concerns?.({ deps, tx, payload })) ?? []
  if (concerned.includes(officer))
    throw new RegistryError('proposal-about-self', 'The other officers decide whether you go')
}

/** Takes one's own proposal back. */
export async function withdrawAct(deps: RootDeps, word: OfficerWord & { reason: string }): Promise<Proposal> {
  await demandSoundProposal(deps, word.proposalId)
  const { db, ambient } = deps.node
  return await db.transaction().execute((tx) => withdrawProposal(issuerTables(tx), ambient, word))
}
