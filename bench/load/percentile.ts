/** The least of the sorted values that `part` of them do not exceed (nearest rank). Throws where there is none. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  const rank = Math.max(1, Math.ceil(part * sorted.length))
  const value = sorted[rank - 1]
  if (value === undefined) throw new RangeError('no value was measured')
  return value
}

/** Numbers that grow without a new object for each. */
export interface Samples {
  add(value: number): void
  /** All of them, least first. */
  sorted(): Float64Array
}

export function createSamples(): Samples {
  let values = new Float64Array(4096)
  let count = 0
  return {
    add(value) {
      if (count === values.length) {
        const larger = new Float64Array(count * 2)
        larger.set(values)
        values = larger
      }
      values[count++] = value
    },
    sorted: () => values.subarray(0, count).toSorted(),
  }
}
