import type { ProofOptions } from './proof-options.ts'

/** Proves many records by one query. */
export type ProveMany = (
  hashes: readonly Uint8Array[],
  options: ProofOptions,
) => Promise<readonly (string | undefined)[]>

interface Waiting {
  readonly hash: Uint8Array
  readonly resolve: (proof: string | undefined) => void
  readonly reject: (error: unknown) => void
}

interface Queue {
  readonly options: ProofOptions
  waiting: Waiting[]
}

/** A batch is one query and at most so many tiles of each level. */
const BATCH_MAX = 256

/** Lets those who ask for one proof at the same time, or while others are being made, share their query. */
export function joinProofs(
  proveMany: ProveMany,
): (hash: Uint8Array, options?: ProofOptions) => Promise<string | undefined> {
  const queues = new Map<string, Queue>()

  async function drain(key: string, queue: Queue): Promise<void> {
    // One turn, so that whoever came in this one is in the batch.
    await Promise.resolve()
    while (queue.waiting.length > 0) {
      const batch = queue.waiting.slice(0, BATCH_MAX)
      queue.waiting = queue.waiting.slice(BATCH_MAX)
      try {
        const proofs = await proveMany(
          batch.map(({ hash }) => hash),
          queue.options,
        )
        for (const [nth, { resolve }] of batch.entries()) resolve(proofs[nth])
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    queues.delete(key)
  }

  return (hash, options = {}) => {
    const key = `${options.type}/${options.against}`
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
    const queue = queues.get(key)
    if (queue !== undefined) {
      queue.waiting.push({ hash, resolve, reject })
      return promise
    }
    const opened: Queue = { options, waiting: [{ hash, resolve, reject }] }
    queues.set(key, opened)
    void drain(key, opened)
    return promise
  }
}
