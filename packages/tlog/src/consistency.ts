import { EMPTY_ROOT, equalBytes, hashNode, isHash, isTreeNumber, type Hash } from './leaf-hash.ts'
import { createProver, tilesForRanges, type ReadTile } from './prover.ts'
import { consistencyRanges } from './subtree.ts'
import type { HashTileAddress } from './tile.ts'

/** The tiles that `consistencyProof` reads, each once; none from size 0 or to the same size. */
export function tilesForConsistency(fromSize: number, toSize: number): HashTileAddress[] {
  return tilesForRanges(consistencyRanges(fromSize, toSize), toSize)
}

/** RFC 9162 2.1.4.1; empty from size 0 and to the same size. Throws for a tree that would have shrunk. */
export function consistencyProof(fromSize: number, toSize: number, readTile: ReadTile): Hash[] {
  return createProver(toSize, readTile).consistency(fromSize)
}

export interface ConsistencyClaim {
  readonly fromSize: number
  readonly fromRoot: Hash
  readonly toSize: number
  readonly toRoot: Hash
  readonly proof: readonly Hash[]
}

/**
 * Whether the tree of `fromSize` is the beginning of the tree of `toSize` (RFC 9162 2.1.4.2). From size 0 the proof must
 * be empty and the root that of the empty tree (tlog-witness); to the same size, the proof empty and the roots equal.
 * Never throws.
 */
export function verifyConsistency({ fromSize, fromRoot, toSize, toRoot, proof }: ConsistencyClaim): boolean {
  if (!isTreeNumber(fromSize) || !isTreeNumber(toSize) || fromSize > toSize) return false
  if (![fromRoot, toRoot, ...proof].every(isHash)) return false
  if (fromSize === 0 && !equalBytes(fromRoot, EMPTY_ROOT)) return false
  if (fromSize === toSize) return proof.length === 0 && equalBytes(fromRoot, toRoot)
  if (fromSize === 0) return proof.length === 0

  // Names as in the RFC: fn and sn walk up from the last leaf of either tree, fr and sr are what they hash to.
  let [fn, sn] = [fromSize - 1, toSize - 1]
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)]
  // A size that is a power of two: its root is a node of the new tree, which the proof leaves out.
  const [first, ...rest] = fn === 0 ? [fromRoot, ...proof] : proof
  if (first === undefined || proof.length === 0) return false
  let [fr, sr] = [first, first]
  for (const node of rest) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      fr = hashNode(node, fr)
      sr = hashNode(node, sr)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      sr = hashNode(sr, node)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && equalBytes(fr, fromRoot) && equalBytes(sr, toRoot)
}

function half(value: number): number {
  return Math.floor(value / 2)
}
