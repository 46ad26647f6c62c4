import type { Level } from '@arc3088/codec'
import { sql, type Kysely } from 'kysely'

import type { CodeKey } from '../assignment/code-key.ts'
import type { IssuerTables } from '../db/tables.ts'
import { unscramble } from '../numbering/scramble.ts'

/** Why there may have been a code of which nothing is known. */
export interface Loss {
  readonly reason: string
  readonly burntAt: Date
}

const LEVELS = ['instance', 'ontology', 'requester', 'provider'] as const satisfies readonly Level[]

/**
 * Finds out whether a code that has no record may have been assigned in a life of the database that is lost: then
 * "never assigned" would be a lie. Undefined where it surely was not. Two probes; for codes without a record only.
 */
export async function findLoss(db: Kysely<IssuerTables>, key: CodeKey): Promise<Loss | undefined> {
  const burnt = await db
    .selectFrom('burnt_code')
    .select(['reason', 'burnt_at as burntAt'])
    .where('provider', '=', key.provider)
    .where('requester', '=', key.requester)
    .where('ontology', '=', key.ontology)
    .where('instance', '=', key.instance)
    .executeTakeFirst()
  if (burnt !== undefined) return burnt
  const level = LEVELS.find((candidate) => key[candidate] > 0)
  if (level === undefined) return undefined
  const range = await db
    .selectFrom('numbering_range as range')
    .select(['id', 'first', 'last', 'scramble_key'])
    .where('level', '=', level)
    .where('first', '<=', key[level])
    .where('last', '>=', key[level])
    .where(sql<boolean>`exists (select from burnt_block b where b.range_id = range.id)`)
    .executeTakeFirst()
  if (range === undefined) return undefined
  const offset = key[level] - range.first
  const { scramble_key: scrambleKey, first, last } = range
  const position = scrambleKey === null ? offset : unscramble(scrambleKey, last - first + 1, offset)
  return await db
    .selectFrom('burnt_block')
    .select(['reason', 'burnt_at as burntAt'])
    .where('range_id', '=', range.id)
    .where('position_first', '<=', position)
    .where(sql<boolean>`position_first + position_count > ${position}`)
    .limit(1)
    .executeTakeFirst()
}
