/** A map that forgets what was used longest ago once what it holds weighs more than its bound. */
export interface BoundedMap<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
}

/** Builds a {@link BoundedMap}. `weigh` answers the weight of an entry in the unit of `weightMax`. */
export function createBoundedMap<Value>(
  weightMax: number,
  weigh: (key: string, value: Value) => number,
): BoundedMap<Value> {
  // A Map iterates in the order of insertion, so that its first entry is the one to forget.
  const entries = new Map<string, { value: Value; weight: number }>()
  let total = 0
  const remove = (key: string): void => {
    total -= entries.get(key)?.weight ?? 0
    entries.delete(key)
  }
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      remove(key)
      const weight = weigh(key, value)
      if (weight > weightMax) return
      entries.set(key, { value, weight })
      total += weight
      for (const oldest of entries.keys()) {
        if (total <= weightMax) break
        remove(oldest)
      }
    },
    delete: remove,
  }
}
