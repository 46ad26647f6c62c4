import { RegistryError } from '@arc3088/problems'

/** How much is done at once. */
export interface CoalesceBounds {
  /** Most items that join one run. */
  readonly itemsMax: number
  /** Runs at a time; while they last, what arrives waits and joins the next. */
  readonly runsMax: number
  /**
   * Items that a run beside another needs; fewer wait until none runs, or for BESIDE_MILLISECONDS_MAX. Where a run costs
   * much, many small ones are slow.
   */
  readonly besideItemsMin?: number
  /** Items that may wait; past it a caller is told to come again (`service-unavailable`). */
  readonly waitingMax: number
}

/** A run that takes longer holds nobody up behind it. */
const BESIDE_MILLISECONDS_MAX = 25

interface Waiting<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * The one mechanism by which callers that come at the same time share the work of one: of a transaction, of a query.
 * Items join in the order in which they came. `run` answers a result for each item, in order; where it fails, all of
 * its items fail alike, so whoever can tell them apart does so in `run`.
 */
export function coalesce<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  { itemsMax, runsMax, waitingMax, besideItemsMin = 1 }: CoalesceBounds,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running = 0
  let late: NodeJS.Timeout | undefined

  async function settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item))
      if (results.length !== batch.length) {
        throw new Error(`A run over ${batch.length} items came back with ${results.length} results`)
      }
      results.forEach((result, nth) => batch[nth]?.resolve(result))
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }

  /** Whoever runs last takes whatever waits. */
  function isWorthARun(others: number): boolean {
    return waiting.length >= (others === 0 ? 1 : besideItemsMin)
  }

  /** Where no run has ended for a while, one may hang: what waits behind it is then worth a run, however few. */
  function expectARun(): void {
    late ??= setTimeout(() => {
      late = undefined
      if (waiting.length > 0 && running < runsMax) void work(true)
    }, BESIDE_MILLISECONDS_MAX)
  }

  function takeBatch(): readonly Waiting<Item, Result>[] {
    clearTimeout(late)
    late = undefined
    const batch = waiting.slice(0, itemsMax)
    waiting = waiting.slice(itemsMax)
    return batch
  }

  async function work(isLate = false): Promise<void> {
    running++
    try {
      // One turn of the event loop lets those join that arrived together.
      await new Promise((resolve) => setImmediate(resolve))
      let isDue = isLate && waiting.length > 0
      while (isDue || isWorthARun(running - 1)) {
        isDue = false
        await settle(takeBatch())
      }
    } finally {
      running--
      if (waiting.length > 0) expectARun()
    }
  }

  return (item) => {
    if (waiting.length >= waitingMax) {
      return Promise.reject(
        new RegistryError('service-unavailable', 'Too many requests are waiting', {
          extra: { retry_after_seconds: 1 },
        }),
      )
    }
    return new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (running < runsMax && isWorthARun(running)) void work()
      else expectARun()
    })
  }
}
