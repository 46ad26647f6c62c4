import { RegistryError } from '@arc3088/problems'

/** How much is done at once. */
export interface CoalesceBounds {
  /** Most items that join one run. */
  readonly itemsMax: number
  /** Runs at a time; while they last, what arrives waits and joins the next. */
  readonly runsMax: number
  /** Items that may wait; past it a caller is told to come again (`service-unavailable`). */
  readonly waitingMax: number
}

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
  { itemsMax, runsMax, waitingMax }: CoalesceBounds,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running = 0

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

  async function work(): Promise<void> {
    running++
    try {
      // One turn of the event loop lets those join that arrived together.
      await new Promise((resolve) => setImmediate(resolve))
      while (waiting.length > 0) {
        const batch = waiting.slice(0, itemsMax)
        waiting = waiting.slice(itemsMax)
        await settle(batch)
      }
    } finally {
      running--
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
      if (running < runsMax) void work()
    })
  }
}
