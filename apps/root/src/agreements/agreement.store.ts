import { RegistryError } from '@arc3088/problems'
import type { AgreementPart } from '@arc3088/records'
import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import { readForks, type StoredFork } from './agreement-fork.store.ts'

/** A signature as stored, with whose it is said to be. */
export interface StoredSignature extends AgreementPart {
  readonly entityId: string
  readonly kid: string
}

/** An event as stored, and when this root first had it. */
export interface StoredEvent {
  /** Whose it is said to be, and in which place. */
  readonly entityId: string
  readonly seq: number
  readonly jws: string
  readonly receivedAt: Date
}

/** An agreement as stored; nothing of it is verified. */
export interface StoredAgreement {
  readonly id: string
  readonly hash: string
  readonly payload: string
  readonly sender: string
  readonly receivedAt: Date
  readonly signatures: readonly StoredSignature[]
  readonly events: readonly StoredEvent[]
  readonly forks: readonly StoredFork[]
}

/** Agreements read at once; no root has as many. */
export const AGREEMENTS_MAX = 4096

type Where = { readonly id: string } | undefined

/** Reads one agreement with its signatures and events. */
export async function readStoredAgreement(
  db: Kysely<RootTables>,
  id: string,
): Promise<StoredAgreement | undefined> {
  return (await read(db, { id })).at(0)
}

/** Reads every agreement, oldest first. */
export async function readStoredAgreements(db: Kysely<RootTables>): Promise<StoredAgreement[]> {
  return await read(db, undefined)
}

async function read(db: Kysely<RootTables>, where: Where): Promise<StoredAgreement[]> {
  const agreements = await db
    .selectFrom('agreement')
    .selectAll()
    .$if(where !== undefined, (query) => query.where('id', '=', where?.id ?? ''))
    .orderBy('received_at')
    .orderBy('id')
    .limit(AGREEMENTS_MAX)
    .execute()
  const signatures = await db
    .selectFrom('agreement_signature')
    .selectAll()
    .$if(where !== undefined, (query) => query.where('agreement', '=', where?.id ?? ''))
    .orderBy('entity_id')
    .execute()
  const events = await db
    .selectFrom('agreement_event')
    .select(['agreement', 'entity_id', 'seq', 'jws', 'received_at'])
    .$if(where !== undefined, (query) => query.where('agreement', '=', where?.id ?? ''))
    .orderBy('entity_id')
    .orderBy('seq')
    .execute()
  const forks = await readForks(db, where?.id)
  const forksOf = Map.groupBy(forks, ({ agreement }) => agreement)
  const signaturesOf = Map.groupBy(signatures, ({ agreement }) => agreement)
  const eventsOf = Map.groupBy(events, ({ agreement }) => agreement)
  return agreements.map((row) => ({
    id: row.id,
    hash: row.hash,
    payload: row.payload,
    sender: row.sender,
    receivedAt: row.received_at,
    signatures: (signaturesOf.get(row.id) ?? []).map((each) => ({
      entityId: each.entity_id,
      kid: each.kid,
      protected: each.protected,
      signature: each.signature,
    })),
    events: (eventsOf.get(row.id) ?? []).map((each) => ({
      entityId: each.entity_id,
      seq: each.seq,
      jws: each.jws,
      receivedAt: each.received_at,
    })),
    forks: forksOf.get(row.id) ?? [],
  }))
}

/** What has been stored so far: rows are only ever added, so that equal numbers mean equal rows. */
export async function countStored(db: Kysely<RootTables>): Promise<string> {
  const { agreements, signatures, events, forks, sets } = await db
    .selectNoFrom((query) => [
      query
        .selectFrom('agreement')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .as('agreements'),
      query
        .selectFrom('agreement_signature')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .as('signatures'),
      query
        .selectFrom('agreement_event')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .as('events'),
      query
        .selectFrom('agreement_fork')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .as('forks'),
      query
        .selectFrom('foreign_root_key_set')
        .select(({ fn }) => fn.countAll<string>().as('n'))
        .as('sets'),
    ])
    .executeTakeFirstOrThrow()
  return [agreements, signatures, events, forks, sets].join(' ')
}

/** How many agreements came from one root without a signature that is said to be of another. */
export async function countUnsigned(
  db: Kysely<RootTables>,
  { sender, by }: { sender: string; by: string },
): Promise<number> {
  const { n } = await db
    .selectFrom('agreement')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .where('sender', '=', sender)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('agreement_signature')
            .select('entity_id')
            .whereRef('agreement_signature.agreement', '=', 'agreement.id')
            .where('entity_id', '=', by),
        ),
      ),
    )
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** Keeps terms under their name; the name belongs to the first. */
export async function insertAgreement(
  tx: Transaction<RootTables>,
  agreement: { id: string; hash: string; payload: string; sender: string; receivedAt: Date },
): Promise<void> {
  const { receivedAt, ...columns } = agreement
  await tx
    .insertInto('agreement')
    .values({ ...columns, received_at: receivedAt })
    .execute()
}

/** Keeps a party's signature; a party signs once. */
export async function insertAgreementSignature(
  tx: Transaction<RootTables>,
  id: string,
  signature: StoredSignature,
  receivedAt: Date,
): Promise<void> {
  await tx
    .insertInto('agreement_signature')
    .values({
      agreement: id,
      entity_id: signature.entityId,
      kid: signature.kid,
      protected: signature.protected,
      signature: signature.signature,
      received_at: receivedAt,
    })
    .execute()
}

/** Keeps an event in its place. */
export async function insertAgreementEvent(
  tx: Transaction<RootTables>,
  event: { id: string; entityId: string; seq: number; hash: string; jws: string; receivedAt: Date },
): Promise<void> {
  await tx
    .insertInto('agreement_event')
    .values({
      hash: event.hash,
      agreement: event.id,
      entity_id: event.entityId,
      seq: event.seq,
      jws: event.jws,
      received_at: event.receivedAt,
    })
    .execute()
}

/** Throws `agreement-not-found` unless there is one. */
export function demandAgreement<Found>(found: Found | undefined, id: string): Found {
  if (found === undefined) throw new RegistryError('agreement-not-found', `There is no agreement ${id}`)
  return found
}
