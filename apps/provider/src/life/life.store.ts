import type { CodeKey } from '@arc3088/issuer'
import type { Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import type { Life, LifeAct, LifeStanding, LockHolder } from './life.ts'

/** Reads the life of an ontology or an instance and holds it until the transaction ends. */
export async function lockLife(
  tx: Transaction<ProviderTables>,
  key: CodeKey,
): Promise<LifeStanding | undefined> {
  const { requester, ontology, instance } = key
  if (instance !== 0) await writeFirstLife(tx, key)
  const row =
    instance === 0
      ? await tx
          .selectFrom('ontology')
          .select(['life', 'locked_by'])
          .where('requester', '=', requester)
          .where('ontology', '=', ontology)
          .forUpdate()
          .executeTakeFirst()
      : await tx
          .selectFrom('instance_life')
          .select(['life', 'locked_by'])
          .where('requester', '=', requester)
          .where('ontology', '=', ontology)
          .where('instance', '=', instance)
          .forUpdate()
          .executeTakeFirst()
  return row === undefined ? undefined : standingOf(row)
}

/** An instance has no row before its life changes; the row is what its acts lock, so it is made first. */
async function writeFirstLife(tx: Transaction<ProviderTables>, key: CodeKey): Promise<void> {
  const { provider, requester, ontology, instance } = key
  await tx
    .insertInto('instance_life')
    .columns(['requester', 'ontology', 'instance'])
    .expression((from) =>
      from
        .selectFrom('code_ledger')
        .select(['requester', 'ontology', 'instance'])
        .where('provider', '=', provider)
        .where('requester', '=', requester)
        .where('ontology', '=', ontology)
        .where('instance', '=', instance),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function standingOf(row: { life: Life | null; locked_by: LockHolder | null }): LifeStanding | undefined {
  const { life, locked_by: lockedBy } = row
  if (life === null) return undefined
  if (life !== 'locked') return { life, lockedBy: null }
  if (lockedBy === null) throw new Error('A code is locked by nobody')
  return { life, lockedBy }
}

/** One step in the life of a code. */
export interface LifeTransition {
  readonly key: CodeKey
  readonly id: string
  readonly act: LifeAct
  readonly from: LifeStanding
  readonly to: LifeStanding
  readonly actor: string
  readonly reason: string
  readonly at: Date
}

/** Writes a step and the state that it leads to. */
export async function writeLife(tx: Transaction<ProviderTables>, step: LifeTransition): Promise<void> {
  const { key, id, act, from, to, actor, reason, at } = step
  const { requester, ontology, instance } = key
  if (instance === 0) {
    await tx
      .updateTable('ontology')
      .set((expression) => ({
        life: to.life,
        locked_by: to.lockedBy,
        changed_at: at,
        version: expression('version', '+', 1),
      }))
      .where('requester', '=', requester)
      .where('ontology', '=', ontology)
      .execute()
  } else {
    await tx
      .updateTable('instance_life')
      .set({ life: to.life, locked_by: to.lockedBy })
      .where('requester', '=', requester)
      .where('ontology', '=', ontology)
      .where('instance', '=', instance)
      .execute()
  }
  await tx
    .insertInto('code_transition')
    .values({
      requester,
      ontology,
      instance,
      id,
      act,
      from_life: from.life,
      from_locked_by: from.lockedBy,
      to_life: to.life,
      to_locked_by: to.lockedBy,
      actor,
      reason,
      at,
    })
    .execute()
}
