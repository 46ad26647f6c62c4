import type { Kysely, Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'

/** One version as it was signed. */
export interface StoredAdvisory {
  readonly advisory: string
  readonly version: number
  readonly hash: string
  readonly jws: string
}

/** Writes a version; one of its number exists once. */
export async function insertAdvisory(
  tx: Transaction<RootTables>,
  version: StoredAdvisory & { proposalId: string; issuedAt: Date },
): Promise<void> {
  const { advisory, version: number, hash, jws, proposalId, issuedAt } = version
  await tx
    .insertInto('advisory_version')
    .values({ advisory, version: number, hash, jws, proposal_id: proposalId, issued_at: issuedAt })
    .execute()
}

/** Reads a version by the UUID of its advisory and its number. */
export async function readAdvisoryVersion(
  db: Kysely<RootTables>,
  { advisory, version }: { advisory: string; version: number },
): Promise<StoredAdvisory | undefined> {
  return await db
    .selectFrom('advisory_version')
    .select(['advisory', 'version', 'hash', 'jws'])
    .where('advisory', '=', advisory)
    .where('version', '=', version)
    .executeTakeFirst()
}
