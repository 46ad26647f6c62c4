export {
  ADD_CHECKPOINT_LENGTH_MAX,
  formatAddCheckpoint,
  parseAddCheckpoint,
  type AddCheckpoint,
} from './add-checkpoint.ts'
export {
  formatCheckpoint,
  ORIGIN_BYTES_MAX,
  parseCheckpoint,
  signCheckpoint,
  type Checkpoint,
  type ParsedCheckpoint,
} from './checkpoint.ts'
export { createCompactRange, treeRoot, type CompactRange } from './compact-range.ts'
export {
  consistencyProof,
  tilesForConsistency,
  verifyConsistency,
  type ConsistencyClaim,
} from './consistency.ts'
export { cosignCheckpoint, verifyCosignature } from './cosignature.ts'
export { decodeEntryBundle, encodeEntryBundle, ENTRY_BYTES_MAX, entryInBundle } from './entry-bundle.ts'
export { encodeEntryRun, type EntryRun } from './entry-run.ts'
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
export { COSIGNATURE_HEADER, createNoteSigner, type NoteSigner, type NoteSignerParts } from './note-signer.ts'
export { decodeNoteText, NOTE_LENGTH_MAX } from './note-text.ts'
export {
  appendSignature,
  formatSignatureLine,
  NOTE_SIGNATURES_MAX,
  parseNote,
  parseSignatureLines,
  signNote,
  verifyNote,
  type Note,
  type NoteSignature,
} from './note.ts'
export { PROOF_HASHES_MAX } from './proof-lines.ts'
export {
  createProver,
  createRowsProver,
  tilesForRoot,
  tilesOverLeaf,
  type Prover,
  type ReadRows,
  type ReadTile,
} from './prover.ts'
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
export { nodeAt, rowsOf, type TileRows } from './tile-rows.ts'
export {
  formatProofsAgainst,
  formatTlogProof,
  parseTlogProof,
  TLOG_PROOF_EXTRA_BYTES_MAX,
  TLOG_PROOF_LENGTH_MAX,
  verifyTlogProof,
  type ProvenInclusion,
  type TlogProof,
  type TlogProofClaim,
  type TlogProofFault,
} from './tlog-proof.ts'
export {
  EMPTY_EDGE,
  growTree,
  readTreeEdge,
  rootOf,
  type TreeEdge,
  type TreeGrowth,
  type TreeHead,
} from './tree-edge.ts'
export {
  COSIGNATURE_ALGORITHM,
  createVerifierKey,
  formatVkey,
  isKeyName,
  LOG_ALGORITHM,
  parseVkey,
  type NoteAlgorithm,
  type VerifierKey,
} from './vkey.ts'
export {
  verifyWitnessed,
  type Rejected,
  type Witnessed,
  type WitnessedClaim,
  type WitnessedFault,
  type WitnessPolicy,
} from './witnessed.ts'
export { sha256 } from '#sha256'
