import { LRUCache } from 'lru-cache'

import type { RateLimit } from './rate-limit-headers.ts'

/** A bucket for each client, of which requests take tokens; it fills again evenly. */
export interface TokenBuckets {
  /**
   * Takes a token, or as many as said, at an instant in milliseconds: undefined where there were so many, else the seconds
   * until there are. Whoever wants more than a bucket holds takes a full one.
   */
  take(client: string, at: number, count?: number): number | undefined
}

/** Clients that are remembered; whoever was longest away is forgotten, which is to say that its bucket is full. */
const CLIENTS_MAX = 65_536

/** Buckets of `requests` tokens, which an empty one has back after `perSeconds`. Memory is bounded, whoever comes. */
export function createTokenBuckets(
  { requests, perSeconds }: RateLimit,
  clientsMax = CLIENTS_MAX,
): TokenBuckets {
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: clientsMax })
  const perMillisecond = requests / (perSeconds * 1000)
  return {
    take(client, at, count = 1) {
      const bucket = buckets.get(client) ?? { tokens: requests, at }
      // A clock that is put back gives nobody anything, and takes nothing.
      const passed = Math.max(0, at - bucket.at)
      const tokens = Math.min(requests, bucket.tokens + passed * perMillisecond)
      const wanted = Math.min(count, requests)
      const isLet = tokens >= wanted
      buckets.set(client, { tokens: isLet ? tokens - wanted : tokens, at })
      return isLet ? undefined : Math.max(1, Math.ceil((wanted - tokens) / perMillisecond / 1000))
    },
  }
}
