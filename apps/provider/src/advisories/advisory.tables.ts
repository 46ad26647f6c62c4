import type { ColumnType, JSONColumnType } from 'kysely'

type Fixed<T> = ColumnType<T, T, never>

/** Lists of the root that this provider goes by. */
export type RootListName = 'advisories' | 'scenarios'

/** What the root published, and what this provider answered. */
export interface AdvisoryTables {
  root_list: {
    name: Fixed<RootListName>
    seq: number
    digest: string
    content: JSONColumnType<object>
    taken_at: Date
  }
  root_advisory: {
    advisory: Fixed<string>
    version: Fixed<number>
    hash: Fixed<string>
    jws: Fixed<string>
    received_at: Fixed<Date>
  }
  advisory_acknowledgement: {
    advisory: Fixed<string>
    version: Fixed<number>
    request_id: Fixed<string>
    operator: Fixed<string>
    reason: Fixed<string>
    acknowledged_at: Fixed<Date>
    answer: 'taken' | 'overtaken' | null
    answered_at: Date | null
  }
}
