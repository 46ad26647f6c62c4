import { equalBytes, hashNode, isHash, isTreeNumber, type Hash } from './leaf-hash.ts'
import { createProver, tilesForRanges, type ReadTile } from './prover.ts'
import { inclusionRanges } from './subtree.ts'
import type { HashTileAddress } from './tile.ts'

/** The tiles that `inclusionProof` reads, each once. */
export function tilesForInclusion(index: number, size: number): HashTileAddress[] {
  return tilesForRanges(inclusionRanges(index, size), size)
}

/** The audit path of a leaf, its sibling first (RFC 9162 2.1.3.1). Throws for a leaf that the tree does not have. */
export function inclusionProof(index: number, size: number, readTile: ReadTile): Hash[] {
  return createProver(size, readTile).inclusion(index)
}

export interface InclusionClaim {
  /** From `hashLeaf`. */
  readonly leaf: Hash
  readonly index: number
  readonly size: number
  readonly root: Hash
  readonly proof: readonly Hash[]
}

/** Whether `leaf` stands at `index` in the tree of that size and root (RFC 9162 2.1.3.2). Never throws. */
export function verifyInclusion({ leaf, index, size, root, proof }: InclusionClaim): boolean {
  if (!isTreeNumber(size) || !isTreeNumber(index) || index >= size) return false
  if (![leaf, root, ...proof].every(isHash)) return false
  // Names as in the RFC: fn and sn walk up from this leaf and from the last one.
  let [fn, sn] = [index, size - 1]
  let node = leaf
  for (const sibling of proof) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      node = hashNode(sibling, node)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      node = hashNode(node, sibling)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && equalBytes(node, root)
}

function half(value: number): number {
  return Math.floor(value / 2)
}
