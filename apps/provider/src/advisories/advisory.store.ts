import { sql, type Kysely, type Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'

/** One version of an advisory as the root signed it. */
export interface StoredAdvisory {
  readonly advisory: string
  readonly version: number
  readonly hash: string
  readonly jws: string
  readonly receivedAt: Date
}

/** What somebody at the desk said to a version, and what became of it at the root. */
export interface StoredAcknowledgement {
  readonly advisory: string
  readonly version: number
  readonly requestId: string
  readonly operator: string
  readonly reason: string
  readonly at: Date
  readonly answer: 'taken' | 'overtaken' | null
}

/** Finds which of these versions are stored, as `<uuid>/<version>`. */
export async function readStoredVersions(db: Kysely<ProviderTables>): Promise<Set<string>> {
  const rows = await db.selectFrom('root_advisory').select(['advisory', 'version']).execute()
  return new Set(rows.map(({ advisory, version }) => `${advisory}/${version}`))
}

/** Writes a version that was found good; again is nothing. */
export async function insertRootAdvisory(
  tx: Transaction<ProviderTables>,
  one: StoredAdvisory,
): Promise<void> {
  await tx
    .insertInto('root_advisory')
    .values({
      advisory: one.advisory,
      version: one.version,
      hash: one.hash,
      jws: one.jws,
      received_at: one.receivedAt,
    })
    .onConflict((conflict) => conflict.columns(['advisory', 'version']).doNothing())
    .execute()
}

/** Reads the newest version of each advisory, newest first, with what was answered to it. */
export async function readNewestAdvisories(
  db: Kysely<ProviderTables>,
): Promise<{ advisory: StoredAdvisory; acknowledgement: StoredAcknowledgement | undefined }[]> {
  const rows = await db
    .selectFrom('root_advisory as a')
    .leftJoin('advisory_acknowledgement as k', (join) =>
      join.onRef('k.advisory', '=', 'a.advisory').onRef('k.version', '=', 'a.version'),
    )
    .select([
      'a.advisory',
      'a.version',
      'a.hash',
      'a.jws',
      'a.received_at',
      'k.request_id',
      'k.operator',
      'k.reason',
      'k.acknowledged_at',
      'k.answer',
    ])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('root_advisory as later')
            .select(sql.lit(1).as('one'))
            .whereRef('later.advisory', '=', 'a.advisory')
            .whereRef('later.version', '>', 'a.version'),
        ),
      ),
    )
    .orderBy('a.advisory', 'desc')
    .execute()
  return rows.map(({ advisory, version, hash, jws, received_at: receivedAt, ...answer }) => ({
    advisory: { advisory, version, hash, jws, receivedAt },
    acknowledgement:
      answer.request_id === null ||
      answer.operator === null ||
      answer.reason === null ||
      answer.acknowledged_at === null
        ? undefined
        : {
            advisory,
            version,
            requestId: answer.request_id,
            operator: answer.operator,
            reason: answer.reason,
            at: answer.acknowledged_at,
            answer: answer.answer,
          },
  }))
}

/** Writes what somebody said, once a version; answers what stands there now. */
export async function insertAcknowledgement(
  tx: Transaction<ProviderTables>,
  one: Omit<StoredAcknowledgement, 'answer'>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('advisory_acknowledgement')
    .values({
      advisory: one.advisory,
      version: one.version,
      request_id: one.requestId,
      operator: one.operator,
      reason: one.reason,
      acknowledged_at: one.at,
      answer: null,
      answered_at: null,
    })
    .onConflict((conflict) => conflict.columns(['advisory', 'version']).doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** Reads what the root has not answered yet, oldest first. */
export async function readUnanswered(
  db: Kysely<ProviderTables>,
  limit: number,
): Promise<{ advisory: string; version: number; requestId: string; hash: string }[]> {
  const rows = await db
    .selectFrom('advisory_acknowledgement as k')
    .innerJoin('root_advisory as a', (join) =>
      join.onRef('k.advisory', '=', 'a.advisory').onRef('k.version', '=', 'a.version'),
    )
    .select(['k.advisory', 'k.version', 'k.request_id', 'a.hash'])
    .where('k.answer', 'is', null)
    .orderBy('k.acknowledged_at')
    .limit(limit)
    .execute()
  return rows.map(({ advisory, version, request_id: requestId, hash }) => ({
    advisory,
    version,
    requestId,
    hash,
  }))
}

/** Notes how the root answered. */
export async function markAnswered(
  db: Kysely<ProviderTables>,
  { requestId, answer, at }: { requestId: string; answer: 'taken' | 'overtaken'; at: Date },
): Promise<void> {
  await db
    .updateTable('advisory_acknowledgement')
    .set({ answer, answered_at: at })
    .where('request_id', '=', requestId)
    .where('answer', 'is', null)
    .execute()
}
