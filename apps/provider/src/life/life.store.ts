import type { CodeKey } from '@arc3088/issuer'
import type { Transaction } from 'kysely'

import type { ProviderTables } from '../db/tables.ts'
import type { Life, LifeAct } from './life.ts'

/** Reads the life of an ontology or an instance and holds it until the transaction ends. */
export async function lockLife(tx: Transaction<ProviderTables>, key: CodeKey): Promise<Life | undefined> {
  const { requester, ontology, instance } = key
  const row =
    instance === 0
      ? await tx
          .selectFrom('ontology')
          .select('life')
          .where('requester', '=', requester)
          .where('ontology', '=', ontology)
          .forUpdate()
          .executeTakeFirst()
      : await tx
          .selectFrom('instance')
          .select('life')
          .where('requester', '=', requester)
          .where('ontology', '=', ontology)
          .where('instance', '=', instance)
          .forUpdate()
          .executeTakeFirst()
  return row?.life ?? undefined
}

/** One step in the life of a code. */
export interface LifeTransition {
  readonly key: CodeKey
  readonly id: string
  readonly act: LifeAct
  readonly from: Life
  readonly to: Life
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
      .set((expression) => ({ life: to, changed_at: at, version: expression('version', '+', 1) }))
      .where('requester', '=', requester)
      .where('ontology', '=', ontology)
      .execute()
  } else {
    await tx
      .updateTable('instance')
      .set({ life: to })
      .where('requester', '=', requester)
      .where('ontology', '=', ontology)
      .where('instance', '=', instance)
      .execute()
  }
  await tx
    .insertInto('code_transition')
    .values({ requester, ontology, instance, id, act, from_life: from, to_life: to, actor, reason, at })
    .execute()
}
