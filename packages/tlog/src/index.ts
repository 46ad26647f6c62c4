export { createCompactRange, treeRoot, type CompactRange } from './compact-range.ts'
export {
  consistencyProof,
  tilesForConsistency,
  verifyConsistency,
  type ConsistencyClaim,
} from './consistency.ts'
export { decodeEntryBundle, encodeEntryBundle, ENTRY_BYTES_MAX } from './entry-bundle.ts'
export { inclusionProof, tilesForInclusion, verifyInclusion, type InclusionClaim } from './inclusion.ts'
export {
  EMPTY_ROOT,
  equalBytes,
  HASH_BYTES,
  hashLeaf,
  hashNode,
  isHash,
  TREE_SIZE_MAX,
  type Hash,
} from './leaf-hash.ts'
export { createProver, tilesForRoot, type Prover, type ReadTile } from './prover.ts'
export {
  isTileAddress,
  parseTilePath,
  TILE_HEIGHT,
  TILE_LEVEL_MAX,
  TILE_WIDTH,
  tilePath,
  tilesForEdge,
  tileWidthAt,
  type HashTileAddress,
  type Tile,
  type TileAddress,
} from './tile.ts'
export {
  EMPTY_EDGE,
  growTree,
  readTreeEdge,
  rootOf,
  type TreeEdge,
  type TreeGrowth,
  type TreeHead,
} from './tree-edge.ts'
export { sha256 } from '#sha256'
