import { issuerTables, queueEntries } from '@arc3088/issuer'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { directoryEntryOf, nextDirectory, type Directory } from './directory.ts'
import type { ProviderLife } from './provider-life.ts'

/** Where the directory is served, and its name in the log. */
export const DIRECTORY_PATH = '/v1/directory'

/**
 * Queues the directory as the last step of a life makes it for the log (W8 `list`), in the transaction of that step. What is hashed is the
 * directory's own identity, which stays the same however often its pages are signed.
 */
export async function queueDirectory(
  { node, prefix }: Pick<RootDeps, 'node' | 'prefix'>,
  tx: Transaction<RootTables>,
  { before, life }: { before: Directory; life: ProviderLife },
): Promise<void> {
  const last = life.transitions.at(-1)
  if (last === undefined) throw new Error('a life has a step')
  const { hash } = await nextDirectory(before, directoryEntryOf(prefix, life, last))
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
