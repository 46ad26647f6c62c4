import { issuerTables, queueEntries } from '@arc3088/issuer'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import type { ProviderLife } from './provider-life.ts'

/** Where the directory is served, and its name in the log. */
export const DIRECTORY_PATH = '/v1/directory'

/**
 * Queues the directory as a step makes it for the log (W8 `list`), in the transaction of that step. What is hashed is the
 * directory's own identity, which stays the same however often its pages are signed.
 */
export async function queueDirectory(
  { node, directory }: Pick<RootDeps, 'node' | 'directory'>,
  tx: Transaction<RootTables>,
  life: ProviderLife,
): Promise<void> {
  const { hash } = await directory.after(life)
  const at = node.ambient.now()
  const entry = {
    v: 1,
    t: 'list',
    c: `${node.entityId}${DIRECTORY_PATH}`,
    h: hash,
    i: numericDate(at),
  } as const
  await queueEntries(issuerTables(tx), [entry], at)
}
