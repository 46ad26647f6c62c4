import { decodeBase64url, encodeBase64url, type KeyEvent } from '@arc3088/records'
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { NodeKey } from './key.ts'

type Tx = Transaction<IssuerTables>

/** One advisory lock for all that changes keys: such acts are rare, and each reads what the others write. */
const KEYS_LOCK = 3088_19

/** Holds off every other change of this node's keys until the transaction ends. */
export async function lockKeys(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${KEYS_LOCK})`.execute(tx)
}

/** Reads all keys, oldest first. They are few. */
export async function readKeys(db: Kysely<IssuerTables>): Promise<NodeKey[]> {
  const rows = await db.selectFrom('key').selectAll().orderBy('announced_at').orderBy('kid').execute()
  return rows.map(asKey)
}

/** Adds a key. */
export async function insertKey(tx: Tx, key: NodeKey): Promise<void> {
  await tx
    .insertInto('key')
    .values({
      kid: key.kid,
      purpose: key.purpose,
      jwk: JSON.stringify(key.jwk),
      key_ref: key.ref,
      state: key.state,
      announced_at: key.announcedAt,
      endorsed_at: key.endorsedAt,
      activated_at: key.activatedAt,
      outgoing_at: null,
      retired_at: null,
      final_checkpoint_size: null,
      compromised_at: null,
    })
    .execute()
}

/** The columns that a step in the life of a key may set. */
export type KeyStep = Partial<
  Pick<
    NodeKey,
    | 'state'
    | 'endorsedAt'
    | 'activatedAt'
    | 'outgoingAt'
    | 'retiredAt'
    | 'finalCheckpointSize'
    | 'compromisedAt'
  >
>

/** Takes a step; triggers refuse one that a key cannot take. */
export async function updateKey(tx: Kysely<IssuerTables>, kid: string, step: KeyStep): Promise<void> {
  const columns = {
    state: step.state,
    endorsed_at: step.endorsedAt,
    activated_at: step.activatedAt,
    outgoing_at: step.outgoingAt,
    retired_at: step.retiredAt,
    final_checkpoint_size: step.finalCheckpointSize,
    compromised_at: step.compromisedAt,
  }
  await tx.updateTable('key').set(columns).where('kid', '=', kid).execute()
}

/** Notes who took a step, and what was signed about it. */
export async function insertTransition(
  tx: Tx,
  transition: {
    id: string
    kid: string
    event: KeyEvent
    actor: string
    reason: string | null
    hash: string
    at: Date
  },
): Promise<void> {
  const { hash, ...rest } = transition
  await tx
    .insertInto('key_transition')
    .values({ ...rest, endorsement_hash: bytesOf(hash) })
    .execute()
}

/** Something signed about a key. Hashes are base64url (W0). */
export interface StoredEndorsement {
  readonly hash: string
  readonly kid: string
  readonly issuer: string
  readonly subject: string
  readonly event: KeyEvent
  readonly endorses: string | null
  readonly jws: string
  readonly issuedAt: Date
}

/** Keeps what was signed, for ever. Answers whether it is new: one confirmation stands for each document. */
export async function insertEndorsement(
  tx: Kysely<IssuerTables>,
  { issuedAt, hash, endorses, ...rest }: StoredEndorsement,
): Promise<boolean> {
  const row = await tx
    .insertInto('key_endorsement')
    .values({
      ...rest,
      hash: bytesOf(hash),
      endorses: endorses === null ? null : bytesOf(endorses),
      issued_at: issuedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('hash')
    .executeTakeFirst()
  return row !== undefined
}

/** The newest document of an event that the key's own entity signed, or undefined. */
export async function readOwnEndorsement(
  db: Kysely<IssuerTables>,
  about: { kid: string; event: KeyEvent },
): Promise<StoredEndorsement | undefined> {
  const row = await db
    .selectFrom('key_endorsement')
    .selectAll()
    .where('kid', '=', about.kid)
    .where('event', '=', about.event)
    .where('endorses', 'is', null)
    .orderBy('issued_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : asEndorsement(row)
}

/** What confirms a document, or undefined while nobody has. */
export async function readConfirmation(
  db: Kysely<IssuerTables>,
  hash: string,
): Promise<StoredEndorsement | undefined> {
  const row = await db
    .selectFrom('key_endorsement')
    .selectAll()
    .where('endorses', '=', bytesOf(hash))
    .executeTakeFirst()
  return row === undefined ? undefined : asEndorsement(row)
}

/** Documents of an entity's own that nobody has confirmed yet and that were not written anew, oldest first. */
export async function readUnconfirmed(
  db: Kysely<IssuerTables>,
  issuer: string,
  limit: number,
): Promise<StoredEndorsement[]> {
  const rows = await db
    .selectFrom('key_endorsement as own')
    .selectAll('own')
    .where('own.issuer', '=', issuer)
    .where('own.endorses', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('key_endorsement as other')
            .select('other.hash')
            .whereRef('other.endorses', '=', 'own.hash'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('key_endorsement as later')
            .select('later.hash')
            .whereRef('later.kid', '=', 'own.kid')
            .whereRef('later.event', '=', 'own.event')
            .whereRef('later.issuer', '=', 'own.issuer')
            .whereRef('later.sequence', '>', 'own.sequence')
            .where('later.endorses', 'is', null),
        ),
      ),
    )
    .orderBy('own.sequence')
    .limit(limit)
    .execute()
  return rows.map(asEndorsement)
}

/** When the oldest entries were queued that the log has not taken yet; undefined when it has taken all. */
export async function readOldestQueuedAt(db: Kysely<IssuerTables>): Promise<Date | undefined> {
  const row = await db
    .selectFrom('log_queue')
    .select((query) => query.fn.min('queued_at').as('oldest'))
    .executeTakeFirst()
  return row?.oldest ?? undefined
}

function asKey(row: Selectable<IssuerTables['key']>): NodeKey {
  return {
    kid: row.kid,
    purpose: row.purpose,
    jwk: row.jwk,
    ref: row.key_ref,
    state: row.state,
    announcedAt: row.announced_at,
    endorsedAt: row.endorsed_at,
    activatedAt: row.activated_at,
    outgoingAt: row.outgoing_at,
    retiredAt: row.retired_at,
    finalCheckpointSize: row.final_checkpoint_size,
    compromisedAt: row.compromised_at,
  }
}

function asEndorsement(row: Selectable<IssuerTables['key_endorsement']>): StoredEndorsement {
  const { hash, endorses, issued_at: issuedAt, sequence: _sequence, ...rest } = row
  return {
    ...rest,
    issuedAt,
    hash: encodeBase64url(new Uint8Array(hash)),
    endorses: endorses === null ? null : encodeBase64url(new Uint8Array(endorses)),
  }
}

function bytesOf(hash: string): Uint8Array {
  const bytes = decodeBase64url(hash)
  if (bytes === undefined) throw new TypeError('a hash is canonical base64url')
  return bytes
}
