import { EMPTY_ROOT, hashNode, TREE_SIZE_MAX, type Hash } from './leaf-hash.ts'
import { foldRight } from './subtree.ts'

/** The root of a tree of leaves that come one by one, in memory of its height. */
export interface CompactRange {
  /** Takes the hash of the next leaf. */
  add(leaf: Hash): void
  readonly size: number
  /** The root of what was added so far; more may be added after. */
  root(): Hash
}

/** Knows nothing of tiles: what tiles, proofs and edges are held against. */
export function createCompactRange(): CompactRange {
  // The hashes of the perfect subtrees, widest first: one for every bit of the size.
  const nodes: Hash[] = []
  let size = 0
  return {
    add(leaf) {
      if (size === TREE_SIZE_MAX) throw new Error('a tree has at most 2^53 - 1 leaves')
      let node = leaf
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        const left = nodes.pop()
        if (left === undefined) throw new Error('a subtree is missing')
        node = hashNode(left, node)
      }
      nodes.push(node)
      size += 1
    },
    get size() {
      return size
    },
    root: () => foldRight(nodes) ?? EMPTY_ROOT,
  }
}

/** The root of the tree of these leaves, in this order (RFC 9162 2.1.1). */
export function treeRoot(leaves: Iterable<Hash>): Hash {
  const range = createCompactRange()
  for (const leaf of leaves) range.add(leaf)
  return range.root()
}
