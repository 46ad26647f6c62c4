import type { TileAddress } from '@arc3088/tlog'

/** Level of the bundles of entries in the table, where levels are numbers. */
export const ENTRIES_LEVEL = -1

/** A tile of hashes, or a bundle of entries, as the table holds it. */
export interface StoredTile {
  /** {@link ENTRIES_LEVEL}, or that of the hashes. */
  readonly level: number
  readonly index: number
  readonly width: number
  readonly data: Uint8Array
}

export function storedLevelOf(level: TileAddress['level']): number {
  return level === 'entries' ? ENTRIES_LEVEL : level
}
