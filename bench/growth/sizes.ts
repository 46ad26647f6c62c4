import type pg from 'pg'

/** What stands on the disk, by table without its partitions' numbers: bytes of rows (and TOAST), and of all indexes. */
export interface TableSize {
  readonly table: string
  readonly rows: number
  readonly indexes: number
}

/** Reads the size of every table of the database that is not empty, largest first. */
export async function readSizes(owner: pg.Client): Promise<TableSize[]> {
  const { rows } = await owner.query<{ table: string; rows: string; indexes: string }>(
    `select regexp_replace(relname, '_\\d+$', '') as "table",
       sum(pg_table_size(c.oid))::text as rows, sum(pg_indexes_size(c.oid))::text as indexes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname = 'public'
     group by 1 having sum(pg_total_relation_size(c.oid)) > 1000000
     order by sum(pg_total_relation_size(c.oid)) desc`,
  )
  return rows.map((row) => ({ table: row.table, rows: Number(row.rows), indexes: Number(row.indexes) }))
}

/** The codes that are there, those that were allocated while measuring among them. */
export async function countCodes(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ count: string }>('select count(*) from code_ledger')
  return Number(rows[0]?.count)
}

/** All of it, a code. */
export function bytesPerCode(sizes: readonly TableSize[], codes: number): number {
  return sizes.reduce((sum, { rows, indexes }) => sum + rows + indexes, 0) / codes
}

/** As `code_ledger 96 + 62 B`. */
export function describeSizes(sizes: readonly TableSize[], codes: number): string {
  return sizes
    .map(
      ({ table, rows, indexes }) => `${table} ${Math.round(rows / codes)} + ${Math.round(indexes / codes)}`,
    )
    .join(', ')
}
