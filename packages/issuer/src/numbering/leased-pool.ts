/** A run of values leased at once. They are made as they are needed, since scrambling many takes a while. */
export interface LeasedBlock<Value> {
  readonly count: number
  values(from: number, count: number): readonly Value[]
}

/** How many values are leased at once: more the faster they go, within bounds. */
export interface BlockSizes {
  /** The fewer a level sees, the fewer a restart should cost. */
  readonly least: number
  readonly most: number
}

/**
 * Values leased in blocks and not used yet. What is taken is used or, if nothing ever saw it, given back;
 * what a crash leaves in here is lost, which is allowed: gaps are, doubles are not.
 */
export interface LeasedPool<Value> {
  /** Takes `count` values, leasing more blocks as needed; fewer only when the lease has no more to give. */
  take(count: number): Promise<Taken<Value>>
  /** Forgets everything leased so far, and what is given back of it: a range was closed. */
  clear(): void
  /** Values leased and not taken. */
  left(): number
}

/** Values taken from a pool. */
export interface Taken<Value> {
  next(): Value | undefined
  /** Puts back what was not drawn. */
  giveBack(): void
}

/** A block used up within this time is followed by a larger one. */
const SHORT_LIVED_MILLISECONDS = 5000
/** A block that lasted for longer is followed by a smaller one. */
const LONG_LIVED_MILLISECONDS = 300_000
/** Values made at once. */
const CHUNK_VALUES = 256

/**
 * Builds a pool over a lease, which answers undefined when it is used up. Takers are served in the order in which
 * they came. Once half of the last block is gone the next is leased in the background, so that nobody waits for it.
 */
export function createLeasedPool<Value>(parts: {
  lease: (count: number) => Promise<LeasedBlock<Value> | undefined>
  sizes: BlockSizes
  now: () => Date
}): LeasedPool<Value> {
  const { lease, sizes, now } = parts
  let made: Value[] = []
  let blocks: { readonly block: LeasedBlock<Value>; drawn: number }[] = []
  let unmade = 0
  let size = sizes.least
  let leasedAt: number | undefined
  let dry = false
  let leasing: Promise<boolean> | undefined
  let generation = 0
  let queue: Promise<unknown> = Promise.resolve()

  async function leaseOne(): Promise<boolean> {
    const at = now().getTime()
    const lasted = leasedAt === undefined ? undefined : at - leasedAt
    if (lasted !== undefined && lasted < SHORT_LIVED_MILLISECONDS) size = Math.min(size * 2, sizes.most)
    if (lasted !== undefined && lasted > LONG_LIVED_MILLISECONDS) size = Math.max(size >> 1, sizes.least)
    leasedAt = at
    const before = generation
    const block = await lease(size)
    dry = block === undefined
    if (block === undefined) return false
    // What was leased before a range was closed may be of that range.
    if (before !== generation) return true
    blocks.push({ block, drawn: 0 })
    unmade += block.count
    return true
  }

  /** One lease at a time, whoever asks for it. */
  function leaseMore(): Promise<boolean> {
    leasing ??= leaseOne().finally(() => {
      leasing = undefined
    })
    return leasing
  }

  function make(count: number): void {
    while (made.length < count) {
      const [first] = blocks
      if (first === undefined) return
      const wanted = Math.max(count - made.length, CHUNK_VALUES)
      const values = first.block.values(first.drawn, Math.min(wanted, first.block.count - first.drawn))
      first.drawn += values.length
      unmade -= values.length
      if (first.drawn === first.block.count) blocks.shift()
      made = [...made, ...values]
    }
  }

  async function takeInTurn(count: number): Promise<Taken<Value>> {
    while (made.length + unmade < count) {
      if (!(await leaseMore())) break
    }
    make(count)
    const taken = made.splice(0, count)
    const from = generation
    if (count > 0 && !dry && made.length + unmade < size >> 1) {
      // Nobody waits for this one. Where it fails, whoever needs the next block leases it and hears why not.
      leaseMore().catch(() => undefined)
    }
    return {
      next: () => taken.shift(),
      giveBack() {
        if (from === generation) made = [...taken.splice(0), ...made]
      },
    }
  }

  return {
    take(count) {
      const turn = queue.then(() => takeInTurn(count))
      // A lease that fails is its taker's error; the next taker starts afresh.
      queue = turn.catch(() => undefined)
      return turn
    },
    clear() {
      generation++
      made = []
      blocks = []
      unmade = 0
      dry = false
    },
    left: () => made.length + unmade,
  }
}
