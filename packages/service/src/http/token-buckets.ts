import { LRUCache } from 'lru-cache'

import type { RateLimit } from './rate-limit-headers.ts'

/** A bucket for each client, of which every request takes one token; it fills again evenly. */
export interface TokenBuckets {
  /** Takes a token at an instant in milliseconds: undefined where there was one, else the seconds until there is. */
  take(client: string, at: number): number | undefined
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
    take(client, at) {
      const bucket = buckets.get(client) ?? { tokens: requests, at }
      // A clock that is put back gives nobody anything, and takes nothing.
      const passed = Math.max(0, at - bucket.at)
      const tokens = Math.min(requests, bucket.tokens + passed * perMillisecond)
      const isLet = tokens >= 1
      buckets.set(client, { tokens: isLet ? tokens - 1 : tokens, at })
      return isLet ? undefined : Math.max(1, Math.ceil((1 - tokens) / perMillisecond / 1000))
    },
  }
}
