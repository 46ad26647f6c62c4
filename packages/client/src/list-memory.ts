import type { RecognitionList } from '@arc3088/records'

/** A recognition list that its root signed. */
export interface KnownList {
  readonly claims: RecognitionList
  readonly jws: string
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number
}

/**
 * The newest list that a client has seen (W10). It is never let go for an older one: whoever stands between could
 * otherwise bring back what was suspended, or hide what came since.
 */
export interface ListMemory {
  newest(): KnownList | undefined
  keep(list: KnownList): void
}

/** An empty memory, of one client. */
export function createListMemory(): ListMemory {
  let newest: KnownList | undefined
  return {
    newest: () => newest,
    keep(list) {
      newest = list
    },
  }
}
