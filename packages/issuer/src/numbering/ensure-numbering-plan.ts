import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { lockNames } from '../assignment/assignment.store.ts'
import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { NumberingPlan } from './numbering-plan.ts'
import { insertNumberingRange, readNumberingPlan } from './numbering.store.ts'
import { SCRAMBLE_KEY_BYTES } from './scramble.ts'

/** Reads the node's plan; where it has none yet, writes the default one first, with a key of its own a range. */
export async function ensureNumberingPlan(
  db: Kysely<IssuerTables>,
  ambient: Ambient,
  defaultPlan: NumberingPlan,
): Promise<NumberingPlan> {
  return await db.transaction().execute(async (tx) => {
    await lockNames(tx, ['numbering-plan'])
    const known = await readNumberingPlan(tx)
    if (known.length > 0) return known
    for (const range of defaultPlan) {
      await insertNumberingRange(tx, {
        ...range,
        id: ambient.newId(),
        scrambleKey: range.kind === 'scrambled' ? ambient.randomBytes(SCRAMBLE_KEY_BYTES) : null,
        createdAt: ambient.now(),
      })
    }
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at: ambient.now(),
      actor: 'node',
      act: 'numbering:plan',
      object: 'numbering-plan',
      reason: 'first start',
      detail: { ranges: defaultPlan },
    })
    return await readNumberingPlan(tx)
  })
}
