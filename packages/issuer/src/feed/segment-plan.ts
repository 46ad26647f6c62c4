import type { SegmentSizes } from './feed-limits.ts'

/** A range of changes, both ends in it. */
export interface SegmentRange {
  readonly first: number
  readonly last: number
}

/** A complete segment, or a delta: a short one. */
export interface FeedSegment extends SegmentRange {
  /** SHA-256 of its lines. */
  readonly digest: Uint8Array
  /** Length of its lines. */
  readonly bytes: number
}

/** What a snapshot lists: whole segments from the first change on, then deltas, and where they end. */
export interface SegmentCover<Segment extends SegmentRange> {
  readonly segments: readonly Segment[]
  readonly deltas: readonly Segment[]
  readonly last: number
}

/** The longest cover without a gap that can be made of these; pure. */
export function coverOf<Segment extends SegmentRange>(
  stored: readonly Segment[],
  { segmentChanges, deltaChanges }: SegmentSizes,
): SegmentCover<Segment> {
  const byRange = new Map(stored.map((segment) => [`${segment.first}-${segment.last}`, segment]))
  const take = (from: number, changes: number): Segment[] => {
    const taken: Segment[] = []
    for (let first = from; ; first += changes) {
      const next = byRange.get(`${first}-${first + changes - 1}`)
      if (next === undefined) return taken
      taken.push(next)
    }
  }
  const segments = take(1, segmentChanges)
  const deltas = take((segments.at(-1)?.last ?? 0) + 1, deltaChanges)
  return { segments, deltas, last: deltas.at(-1)?.last ?? segments.at(-1)?.last ?? 0 }
}

/** The next range to be made of a log of this size: whole segments first, since each spares its deltas; pure. */
export function nextRange(
  { segments, last }: SegmentCover<SegmentRange>,
  size: number,
  { segmentChanges, deltaChanges }: SegmentSizes,
): SegmentRange | undefined {
  const whole = segments.at(-1)?.last ?? 0
  if (whole + segmentChanges <= size) return { first: whole + 1, last: whole + segmentChanges }
  return last + deltaChanges <= size ? { first: last + 1, last: last + deltaChanges } : undefined
}
