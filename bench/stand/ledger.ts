import { withClient } from './durable-postgres.ts'

/** Holds what was acknowledged against the rows of a provider. @throws Error where they differ. */
export async function demandInstances(ownerUrl: string, acknowledged: number): Promise<void> {
  const rows = await withClient(ownerUrl, async (client) => {
    const counted = await client.query<{ ledger: string; records: string; keys: string }>(`
      select (select count(*) from code_ledger where instance > 0) as ledger,
        (select count(*) from assignment_record where instance > 0) as records,
        (select count(*) from idempotency where instance > 0) as keys`)
    return counted.rows[0]
  })
  const counts = [rows?.ledger, rows?.records, rows?.keys].map(Number)
  if (counts.some((count) => count !== acknowledged))
    throw new Error(`${acknowledged} codes were acknowledged, and there are ${JSON.stringify(rows)}`)
}
