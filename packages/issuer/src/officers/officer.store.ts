import type { DecisionSignature, GeneralJws, PublicJwk } from '@arc3088/records'
import type { Kysely, Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { Proposal } from '../proposals/proposal.ts'

/** A signature on a proposal, with whose it is. */
export interface StoredSignature extends DecisionSignature {
  readonly officer: string
  readonly kid: string
  /** What makes a retry of the approval recognisable; null for the proposer's own. */
  readonly keyHash: Uint8Array | null
  readonly bodyHash: Uint8Array | null
}

/** A decision as stored, with the proposal that it is said to be about; nothing of it is verified. */
export interface StoredDecision {
  readonly ordinal: number
  readonly proposalId: string
  readonly hash: string
  readonly jws: GeneralJws
  readonly decidedAt: Date
  readonly kind: string
  readonly payload: Readonly<Record<string, unknown>>
  /** How its proposal ended; whatever it says once it is not pending, it says for ever. */
  readonly state: Proposal['state']
}

/** Reads the officer sets, oldest first. */
export async function readOfficerSets(db: Kysely<IssuerTables>): Promise<{ seq: number; jws: string }[]> {
  return await db.selectFrom('officer_set').select(['seq', 'jws']).orderBy('seq').execute()
}

/** The identity of the newest officer set, as far as the database knows. */
export async function readNewestOfficerSetHash(db: Kysely<IssuerTables>): Promise<string | undefined> {
  const row = await db
    .selectFrom('officer_set')
    .select('hash')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.hash
}

/** Adds an officer set. Two sets cannot have one number. */
export async function insertOfficerSet(
  tx: Transaction<IssuerTables>,
  set: { seq: number; hash: string; jws: string; createdAt: Date },
): Promise<void> {
  const { createdAt, ...columns } = set
  await tx
    .insertInto('officer_set')
    .values({ ...columns, created_at: createdAt })
    .execute()
}

/** Notes whose key a key is; a key belongs to one operator for ever. */
export async function insertOfficerKey(
  tx: Transaction<IssuerTables>,
  key: { operator: string; jwk: PublicJwk; enrolledAt: Date },
): Promise<void> {
  await tx
    .insertInto('officer_key')
    .values({
      kid: key.jwk.kid,
      operator: key.operator,
      jwk: JSON.stringify(key.jwk),
      enrolled_at: key.enrolledAt,
    })
    .execute()
}

/** The operator that a key belongs to, or undefined. */
export async function readKeyHolder(db: Kysely<IssuerTables>, kid: string): Promise<string | undefined> {
  const row = await db.selectFrom('officer_key').select('operator').where('kid', '=', kid).executeTakeFirst()
  return row?.operator
}

/** Reads the signatures on a proposal, in the order of their keys. */
export async function readSignatures(
  db: Kysely<IssuerTables>,
  proposalId: string,
): Promise<StoredSignature[]> {
  const rows = await db
    .selectFrom('proposal_signature')
    .selectAll()
    .where('proposal_id', '=', proposalId)
    .orderBy('kid')
    .execute()
  return rows.map((row) => ({
    officer: row.officer,
    kid: row.kid,
    protected: row.protected,
    signature: row.signature,
    keyHash: row.key_hash,
    bodyHash: row.body_hash,
  }))
}

/** Keeps a signature on a proposal. */
export async function insertSignature(
  tx: Transaction<IssuerTables>,
  proposalId: string,
  signature: StoredSignature,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('proposal_signature')
    .values({
      proposal_id: proposalId,
      officer: signature.officer,
      kid: signature.kid,
      protected: signature.protected,
      signature: signature.signature,
      key_hash: signature.keyHash,
      body_hash: signature.bodyHash,
      signed_at: at,
    })
    .execute()
}

/** Keeps a decision; its ordinal is the database's to give. */
export async function insertDecision(
  tx: Transaction<IssuerTables>,
  decision: { proposalId: string; hash: string; jws: GeneralJws; decidedAt: Date },
): Promise<void> {
  await tx
    .insertInto('decision')
    .values({
      proposal_id: decision.proposalId,
      hash: decision.hash,
      jws: JSON.stringify(decision.jws),
      decided_at: decision.decidedAt,
    })
    .execute()
}

/** Reads decisions after an ordinal, in order. */
export async function readDecisionsAfter(
  db: Kysely<IssuerTables>,
  ordinal: number,
): Promise<StoredDecision[]> {
  const rows = await selectDecisions(db).where('decision.ordinal', '>', String(ordinal)).execute()
  return rows.map(asDecision)
}

/** Reads one decision by its hash. */
export async function readDecisionByHash(
  db: Kysely<IssuerTables>,
  hash: string,
): Promise<StoredDecision | undefined> {
  const row = await selectDecisions(db).where('decision.hash', '=', hash).executeTakeFirst()
  return row === undefined ? undefined : asDecision(row)
}

function selectDecisions(db: Kysely<IssuerTables>) {
  return db
    .selectFrom('decision')
    .innerJoin('proposal', 'proposal.id', 'decision.proposal_id')
    .select([
      'decision.ordinal',
      'decision.proposal_id',
      'decision.hash',
      'decision.jws',
      'decision.decided_at',
      'proposal.kind',
      'proposal.payload',
      'proposal.state',
    ])
    .orderBy('decision.ordinal')
}

function asDecision(row: {
  ordinal: string | number
  proposal_id: string
  hash: string
  jws: GeneralJws
  decided_at: Date
  kind: string
  payload: object
  state: Proposal['state']
}): StoredDecision {
  return {
    ordinal: Number(row.ordinal),
    proposalId: row.proposal_id,
    hash: row.hash,
    jws: row.jws,
    decidedAt: row.decided_at,
    kind: row.kind,
    payload: { ...row.payload },
    state: row.state,
  }
}
