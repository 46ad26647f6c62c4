import { HASH_BYTES, hashPairsInto, type Hash } from './leaf-hash.ts'

/** Row 0: a tile's hashes; row n: what the pairs of row n - 1 hash to; the ninth row is the tile's own hash. */
export type TileRows = readonly Uint8Array[]

/** Hashes a tile up, as far as it has pairs. */
export function rowsOf(tile: Uint8Array): TileRows {
  // Of a Buffer, the plain bytes: cutting nodes out of those is twice as fast.
  const rows = [new Uint8Array(tile.buffer, tile.byteOffset, tile.length)]
  for (let row = tile; row.length >= 2 * HASH_BYTES;) {
    const pairs = Math.floor(row.length / (2 * HASH_BYTES))
    const above = new Uint8Array(pairs * HASH_BYTES)
    hashPairsInto(row, pairs, above)
    rows.push(above)
    row = above
  }
  return rows
}

/** One node of the rows; throws where the tile is too narrow to have it. */
export function nodeAt(rows: TileRows, row: number, column: number): Hash {
  const node = rows[row]?.slice(column * HASH_BYTES, (column + 1) * HASH_BYTES)
  if (node?.length !== HASH_BYTES) throw new Error(`the tile has no node at row ${row}, column ${column}`)
  return node
}
