import { hashNode, isTreeNumber, type Hash } from './leaf-hash.ts'

/** A perfect subtree: the leaves from `index * 2^height` up to `(index + 1) * 2^height`. */
export interface Subtree {
  readonly height: number
  readonly index: number
}

/** Leaves from `from` up to, not including, `to`, where a split of RFC 9162 2.1.1 put them: `from` is aligned. */
export interface LeafRange {
  readonly from: number
  readonly to: number
}

/**
 * The perfect subtrees that a range is made of, widest first. Its hash is `foldRight` of theirs: in RFC 9162 2.1.1 each
 * split leaves a perfect tree on the left.
 */
export function subtreesOf({ from, to }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = []
  let start = from
  while (start < to) {
    const height = floorLog2(to - start)
    subtrees.push({ height, index: start / 2 ** height })
    start += 2 ** height
  }
  return subtrees
}

/** The hash of a range from those of its subtrees; undefined for none. */
export function foldRight(nodes: readonly Hash[]): Hash | undefined {
  return nodes.reduceRight<Hash | undefined>(
    (right, node) => (right === undefined ? node : hashNode(node, right)),
    undefined,
  )
}

/** One of the perfect subtrees that a tree is made of: the leaves from `from` up to `from + 2^height`. */
export interface Peak {
  readonly height: number
  readonly from: number
}

/** The peak that a leaf stands in: below its top the tree looks the same whatever its size. */
export function peakOver(index: number, size: number): Peak {
  if (!isTreeNumber(size) || !isTreeNumber(index) || index >= size) {
    throw new Error(`a tree of ${size} has no leaf ${index}`)
  }
  let from = 0
  for (;;) {
    const height = floorLog2(size - from)
    if (index < from + 2 ** height) return { height, from }
    from += 2 ** height
  }
}

/** The siblings on the way from the root to the leaf, then back: an audit path, leaf's sibling first (RFC 9162 2.1.3.1). */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!isTreeNumber(size) || !isTreeNumber(index) || index >= size) {
    throw new Error(`a tree of ${size} has no leaf ${index}`)
  }
  const siblings: LeafRange[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const split = from + splitOf(to - from)
    if (index < split) {
      siblings.push({ from: split, to })
      to = split
    } else {
      siblings.push({ from, to: split })
      from = split
    }
  }
  return siblings.toReversed()
}

/** What shows that the first `fromSize` leaves are a prefix, in the order of a proof (RFC 9162 2.1.4.1). */
export function consistencyRanges(fromSize: number, toSize: number): LeafRange[] {
  if (!isTreeNumber(fromSize) || !isTreeNumber(toSize) || fromSize > toSize) {
    throw new Error(`a tree of ${toSize} did not grow from one of ${fromSize}`)
  }
  // Every tree begins as the empty one, and as itself: there is nothing to show.
  if (fromSize === 0 || fromSize === toSize) return []
  const siblings: LeafRange[] = []
  let [from, to] = [0, toSize]
  while (fromSize < to) {
    const split = from + splitOf(to - from)
    if (fromSize <= split) {
      siblings.push({ from: split, to })
      to = split
    } else {
      siblings.push({ from, to: split })
      from = split
    }
  }
  // The old root itself, when it is a node of the new tree, is known to whoever verifies.
  const known = from === 0 ? [] : [{ from, to }]
  return [...known, ...siblings.toReversed()]
}

/** The largest power of two below `leaves` (RFC 9162 2.1.1), of at least 2. */
function splitOf(leaves: number): number {
  return 2 ** floorLog2(leaves - 1)
}

/** Exact, where Math.log2 rounds up just below a large power of two. */
function floorLog2(value: number): number {
  const high = Math.floor(value / 2 ** 32)
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value)
}
