import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** That a provider took note of one version, by a request that it signed. */
export interface Acknowledgement {
  readonly advisory: string
  readonly version: number
  readonly provider: number
  readonly requestId: string
  readonly requestHash: string
  readonly requestJws: string
  readonly at: Date
}

/** Finds what a provider acknowledged, by the id of the request. */
export async function findByRequest(
  tx: Transaction<RootTables>,
  { provider, requestId }: Pick<Acknowledgement, 'provider' | 'requestId'>,
): Promise<Acknowledgement | undefined> {
  const row = await tx
    .selectFrom('advisory_acknowledgement')
    .selectAll()
    .where('provider', '=', provider)
    .where('request_id', '=', requestId)
    .executeTakeFirst()
  return row === undefined ? undefined : asAcknowledgement(row)
}

/** Reads who has acknowledged a version, by provider. */
export async function readAcknowledgements(
  db: Kysely<RootTables>,
  { advisory, version }: Pick<Acknowledgement, 'advisory' | 'version'>,
): Promise<Map<number, Acknowledgement>> {
  const rows = await db
    .selectFrom('advisory_acknowledgement')
    .selectAll()
    .where('advisory', '=', advisory)
    .where('version', '=', version)
    .execute()
  return new Map(rows.map((row) => [row.provider, asAcknowledgement(row)]))
}

/** Counts who has acknowledged which versions, by `<uuid>/<version>`. */
export async function countAcknowledgements(
  db: Kysely<RootTables>,
  advisories: readonly string[],
): Promise<Map<string, number>> {
  if (advisories.length === 0) return new Map()
  const rows = await db
    .selectFrom('advisory_acknowledgement')
    .select(({ fn }) => ['advisory', 'version', fn.countAll<number>().as('count')])
    .where('advisory', 'in', [...advisories])
    .groupBy(['advisory', 'version'])
    .execute()
  return new Map(rows.map(({ advisory, version, count }) => [`${advisory}/${version}`, Number(count)]))
}

/** Writes an acknowledgement. */
export async function insertAcknowledgement(
  tx: Transaction<RootTables>,
  one: Acknowledgement,
): Promise<void> {
  await tx
    .insertInto('advisory_acknowledgement')
    .values({
      advisory: one.advisory,
      version: one.version,
      provider: one.provider,
      request_id: one.requestId,
      request_hash: one.requestHash,
      request_jws: one.requestJws,
      acknowledged_at: one.at,
    })
    .execute()
}

function asAcknowledgement(row: {
  advisory: string
  version: number
  provider: number
  request_id: string
  request_hash: string
  request_jws: string
  acknowledged_at: Date
}): Acknowledgement {
  return {
    advisory: row.advisory,
    version: row.version,
    provider: row.provider,
    requestId: row.request_id,
    requestHash: row.request_hash,
    requestJws: row.request_jws,
    at: row.acknowledged_at,
  }
}
