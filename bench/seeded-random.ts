/** A generator of equally likely numbers below `below`, the same for the same seed on every machine (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

/** The same elements in an order that nobody could tell but by the seed (Fisher-Yates). */
export function shuffled<T>(elements: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  const order = [...elements]
  for (let at = order.length - 1; at > 0; at--) {
    const other = random(at + 1)
    const [one, two] = [order[at], order[other]]
    if (one !== undefined && two !== undefined) [order[at], order[other]] = [two, one]
  }
  return order
}
