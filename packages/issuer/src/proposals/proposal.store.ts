import { RegistryError } from '@arc3088/problems'
import { sql, type Kysely, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Proposal, Vote } from './proposal.ts'

/** Writes a proposal and claims its objects; throws `proposal-pending` when one of them is claimed already. */
export async function insertProposal(
  tx: Transaction<IssuerTables>,
  proposal: Proposal,
  objects: readonly string[],
): Promise<void> {
  await tx
    .insertInto('proposal')
    .values({
      id: proposal.id,
      kind: proposal.kind,
      payload: JSON.stringify(proposal.payload),
      payload_hash: proposal.hash,
      proposer: proposal.proposer,
      proposed_at: proposal.proposedAt,
      expires_at: proposal.expiresAt,
      decided_at: null,
      officer_set: proposal.officerSet ?? null,
      outcome: null,
    })
    .execute()
  const ordered = objects.toSorted()
  const claimed = await tx
    .insertInto('proposal_object')
    .values(ordered.map((object) => ({ object, proposal_id: proposal.id })))
    .onConflict((conflict) => conflict.column('object').doNothing())
    .returning('object')
    .execute()
  const contested = ordered.find((object) => !claimed.some((claim) => claim.object === object))
  if (contested !== undefined) {
    throw new RegistryError('proposal-pending', `A proposal about ${contested} is pending`, {
      extra: { object: contested },
    })
  }
}

/** Reads a proposal and holds it until the transaction ends, so that two votes are counted one after the other. */
export async function lockProposal(tx: Transaction<IssuerTables>, id: string): Promise<Proposal | undefined> {
  const row = await tx.selectFrom('proposal').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  return row === undefined ? undefined : asProposal(row)
}

/** Reads one proposal. */
export async function readProposal(db: Kysely<IssuerTables>, id: string): Promise<Proposal | undefined> {
  const row = await db.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? undefined : asProposal(row)
}

/** Reads proposals, newest first. */
export async function readProposals(
  db: Kysely<IssuerTables>,
  page: { state?: Proposal['state']; before?: string; limit: number },
): Promise<Proposal[]> {
  const rows = await db
    .selectFrom('proposal')
    .selectAll()
    .$if(page.state !== undefined, (query) => query.where('state', '=', page.state ?? 'pending'))
    .$if(page.before !== undefined, (query) => query.where('id', '<', page.before ?? ''))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map(asProposal)
}

/** Records a vote. The database refuses one by the proposer, whatever the code above thought. */
export async function insertVote(
  tx: Transaction<IssuerTables>,
  vote: { proposal: Proposal; officer: string; vote: Vote; reason: string; at: Date },
): Promise<void> {
  const { proposal, officer, reason, at } = vote
  await tx
    .insertInto('proposal_vote')
    .values({
      proposal_id: proposal.id,
      proposer: proposal.proposer,
      officer,
      vote: vote.vote,
      reason,
      voted_at: at,
    })
    .execute()
}

/** Ends a proposal and lets go of its objects; an approved one keeps what it led to. */
export async function closeProposal(
  tx: Transaction<IssuerTables>,
  id: string,
  end: { state: Exclude<Proposal['state'], 'pending'>; at: Date; outcome?: object },
): Promise<void> {
  const { state, at, outcome } = end
  await tx
    .updateTable('proposal')
    .set({
      state,
      decided_at: at,
      ...(outcome === undefined ? {} : { outcome: JSON.stringify(outcome) }),
    })
    .where('id', '=', id)
    .execute()
  await releaseObjects(tx, id)
}

/** Ends every pending proposal past its time that claims one of these objects, so that it blocks nobody. */
export async function expireProposals(
  tx: Transaction<IssuerTables>,
  objects: readonly string[],
  at: Date,
): Promise<void> {
  const expired = await tx
    .selectFrom('proposal')
    .select('id')
    .where('state', '=', 'pending')
    .where('expires_at', '<=', at)
    .where('id', 'in', (query) =>
      query
        .selectFrom('proposal_object')
        .select('proposal_id')
        .where('object', '=', sql<string>`any(${[...objects]}::text[])`),
    )
    .orderBy('id')
    .forUpdate()
    .execute()
  for (const { id } of expired) await closeProposal(tx, id, { state: 'expired', at })
}

/** Reads the proposals that claim one of these objects, whatever became of them, and holds them until the transaction ends. */
export async function lockClaimants(
  tx: Transaction<IssuerTables>,
  objects: readonly string[],
): Promise<Proposal[]> {
  const rows = await tx
    .selectFrom('proposal')
    .selectAll()
    .where('id', 'in', (query) =>
      query
        .selectFrom('proposal_object')
        .select('proposal_id')
        .where('object', '=', sql<string>`any(${[...objects]}::text[])`),
    )
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.map(asProposal)
}

/** Lets go of what a proposal claims. */
export async function releaseObjects(tx: Transaction<IssuerTables>, id: string): Promise<void> {
  await tx.deleteFrom('proposal_object').where('proposal_id', '=', id).execute()
}

/** Ends every other pending proposal: the officers who would decide it are no longer those who were asked. */
export async function expirePending(tx: Transaction<IssuerTables>, except: string, at: Date): Promise<void> {
  const pending = await tx
    .selectFrom('proposal')
    .select('id')
    .where('state', '=', 'pending')
    .where('id', '<>', except)
    .orderBy('id')
    .forUpdate()
    .execute()
  for (const { id } of pending) await closeProposal(tx, id, { state: 'expired', at })
}

type ProposalRow = {
  id: string
  kind: string
  payload: object
  payload_hash: string
  proposer: string
  proposed_at: Date
  expires_at: Date
  state: Proposal['state']
  officer_set: string | null
  outcome: object | null
}

function asProposal(row: ProposalRow): Proposal {
  return {
    id: row.id,
    kind: row.kind,
    payload: { ...row.payload },
    hash: row.payload_hash,
    proposer: row.proposer,
    proposedAt: row.proposed_at,
    expiresAt: row.expires_at,
    state: row.state,
    ...(row.officer_set === null ? {} : { officerSet: row.officer_set }),
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
  }
}
