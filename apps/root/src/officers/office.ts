import { issuerTables, lockOperator, readOwnKey, type KnownOfficerSet } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Transaction } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import { mostNeeded } from './next-officer-set.ts'

/** One officer of a set. */
export interface OfficeHolder {
  readonly kid: string
  readonly operator: string
  readonly isEnabled: boolean
}

/** Reads who holds the keys of a set, and holds their rows. A key that nobody is known to hold is left out. */
export async function readHolders(
  tx: Transaction<RootTables>,
  { claims }: KnownOfficerSet,
): Promise<OfficeHolder[]> {
  const issuer = issuerTables(tx)
  const holders: OfficeHolder[] = []
  for (const { kid } of claims.keys) {
    const operator = (await readOwnKey(issuer, kid))?.operator
    const row = operator === undefined ? undefined : await lockOperator(issuer, operator)
    if (row !== undefined) holders.push({ kid, operator: row.id, isEnabled: row.disabledAt === null })
  }
  return holders
}

/**
 * Finds that the desk goes on without somebody: officers who decide, and one more, since the loss of one must not stop the
 * authority. @throws RegistryError `officers-too-few`
 */
export async function demandEnoughWithout(
  deps: Pick<RootDeps, 'decisions'>,
  tx: Transaction<RootTables>,
  operator: string,
): Promise<void> {
  const set = await deps.decisions.currentSet()
  const holders = await readHolders(tx, set)
  if (!holders.some((holder) => holder.operator === operator)) return
  const left = holders.filter((holder) => holder.isEnabled && holder.operator !== operator).length
  const needed = mostNeeded(set.claims) + 1
  if (left < needed)
    throw new RegistryError(
      'officers-too-few',
      `${left} officers would be left, and ${needed} must be; change the officer set first`,
    )
}
