import { sql, type Kysely, type Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { DeliveryKind } from './agreement.tables.ts'

/** Something that a party has to be told. */
export interface Delivery {
  readonly id: string
  readonly agreement: string
  readonly recipient: string
  readonly kind: DeliveryKind
  /** Of an event: its hash. */
  readonly event: string | null
  readonly requestId: string
  readonly attempts: number
}

/** How a delivery stands, for the desk. */
export interface DeliveryStanding {
  readonly agreement: string
  readonly recipient: string
  readonly kind: DeliveryKind
  readonly attempts: number
  readonly dueAt: Date
  readonly deliveredAt: Date | null
  readonly lastAnswer: string | null
}

/** Queues what has to be told, in the transaction that made it. */
export async function queueDeliveries(
  tx: Transaction<RootTables>,
  deliveries: readonly Pick<Delivery, 'agreement' | 'recipient' | 'kind' | 'event' | 'requestId'>[],
  at: Date,
): Promise<void> {
  if (deliveries.length === 0) return
  await tx
    .insertInto('agreement_delivery')
    .values(
      deliveries.map(({ agreement, recipient, kind, event, requestId }) => ({
        agreement,
        recipient,
        kind,
        event,
        request_id: requestId,
        created_at: at,
        due_at: at,
      })),
    )
    .execute()
}

/**
 * Takes what is due, for as long as `until`: another process does not take it before then. Of one agreement a recipient is
 * told one thing after the other, and of one recipient one thing is taken at a time.
 */
export async function claimDeliveries(
  db: Kysely<RootTables>,
  { now, until, limit }: { now: Date; until: Date; limit: number },
): Promise<Delivery[]> {
  const { rows } = await sql<{
    id: string
    agreement: string
    recipient: string
    kind: DeliveryKind
    event: string | null
    request_id: string
    attempts: number
  }>`
    with due as (
      select id from agreement_delivery delivery
      where delivered_at is null and due_at <= ${now}::timestamptz
        and not exists (
          select from agreement_delivery earlier
          where earlier.delivered_at is null and earlier.recipient = delivery.recipient
            and earlier.agreement = delivery.agreement and earlier.id < delivery.id
        )
      order by id limit ${limit} for update skip locked
    )
    update agreement_delivery set due_at = ${until}::timestamptz, attempts = attempts + 1
    from due where agreement_delivery.id = due.id and due_at <= ${now}::timestamptz
    returning agreement_delivery.id, agreement, recipient, kind, event, request_id, attempts`.execute(db)
  return rows.map(({ request_id: requestId, ...row }) => ({ ...row, requestId }))
}

/** Notes that it was acknowledged. */
export async function markDelivered(db: Kysely<RootTables>, id: string, at: Date): Promise<void> {
  await db
    .updateTable('agreement_delivery')
    .set({ delivered_at: at, last_answer: null })
    .where('id', '=', id)
    .where('delivered_at', 'is', null)
    .execute()
}

/** Notes why it was not, and when it is tried again. */
export async function postponeDelivery(
  db: Kysely<RootTables>,
  id: string,
  { dueAt, answer }: { dueAt: Date; answer: string },
): Promise<void> {
  await db
    .updateTable('agreement_delivery')
    .set({ due_at: dueAt, last_answer: answer })
    .where('id', '=', id)
    .where('delivered_at', 'is', null)
    .execute()
}

/** Has a recipient that could not be reached be tried at once, since it has just shown that it is there. */
export async function hastenDeliveries(db: Kysely<RootTables>, recipient: string, at: Date): Promise<void> {
  await db
    .updateTable('agreement_delivery')
    .set({ due_at: at })
    .where('recipient', '=', recipient)
    .where('delivered_at', 'is', null)
    .where('last_answer', 'like', 'upstream-%')
    .execute()
}

/** Reads the deliveries of these agreements, oldest first. */
export async function readDeliveries(
  db: Kysely<RootTables>,
  agreements: readonly string[],
): Promise<DeliveryStanding[]> {
  if (agreements.length === 0) return []
  const rows = await db
    .selectFrom('agreement_delivery')
    .select(['agreement', 'recipient', 'kind', 'attempts', 'due_at', 'delivered_at', 'last_answer'])
    .where('agreement', 'in', [...agreements])
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    agreement: row.agreement,
    recipient: row.recipient,
    kind: row.kind,
    attempts: row.attempts,
    dueAt: row.due_at,
    deliveredAt: row.delivered_at,
    lastAnswer: row.last_answer,
  }))
}
