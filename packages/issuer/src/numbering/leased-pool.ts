/**
 * Values leased in blocks and not used yet. What is taken is used or, if nothing ever saw it, given back;
 * what a crash leaves in here is lost, which is allowed: gaps are, doubles are not.
 */
export interface LeasedPool<Value> {
  /** Takes `count` values, leasing more blocks as needed; fewer only when the lease has no more to give. */
  take(count: number): Promise<Value[]>
  /** Puts back values that were never handed on. */
  giveBack(values: readonly Value[]): void
}

/** Builds a pool over a lease, which answers an empty block when it is used up. Takers lease one after the other. */
export function createLeasedPool<Value>(
  leaseBlock: (atLeast: number) => Promise<readonly Value[]>,
): LeasedPool<Value> {
  let free: Value[] = []
  let queue: Promise<unknown> = Promise.resolve()

  async function takeInTurn(count: number): Promise<Value[]> {
    while (free.length < count) {
      const leased = await leaseBlock(count - free.length)
      if (leased.length === 0) break
      // `free` is read after the wait: something may have been given back meanwhile.
      free = [...free, ...leased]
    }
    const taken = free.slice(0, count)
    free = free.slice(count)
    return taken
  }

  return {
    take(count) {
      const turn = queue.then(() => takeInTurn(count))
      // A lease that fails is its taker's error; the next taker starts afresh.
      queue = turn.catch(() => undefined)
      return turn
    },
    giveBack(values) {
      free = [...values, ...free]
    },
  }
}
