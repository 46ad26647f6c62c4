import { BODY_BYTES_MAX, type RateLimit } from '@arc3088/service'

/** Most codes of one batch. */
export const BATCH_CODES_MAX = 1000

/** Batches of one network address. */
export const BATCH_RATE: RateLimit = { name: 'batches', requests: 600, perSeconds: 60 }

/** Codes of one batch that are resolved at a time, so that one caller cannot take all the connections to a node. */
export const BATCH_CONCURRENCY = 32

/** Longest text that is diagnosed: beyond it no reading of it is a code. */
export const DIAGNOSED_LENGTH_MAX = 1024

/** Oldest recognition list that anything may rest on, in seconds: it lives an hour (W10). */
export const LIST_AGE_SECONDS_MAX = 3600

/** Memory for documents of other nodes. */
export const CACHE_BYTES_MAX = 256 * 1024 * 1024

/** Memory for answers that may be given again: some ten thousand. */
export const ANSWERS_BYTES_MAX = 192 * 1024 * 1024

/** Memory for parts that were verified: statements, records, some two thousand status lists, log proofs. */
export const VERIFIED_BYTES_MAX = 192 * 1024 * 1024

/** What `/v1/limits` serves: the very constants in force. */
export const RESOLVER_LIMITS = {
  body_bytes: BODY_BYTES_MAX,
  batch_codes: BATCH_CODES_MAX,
  diagnosed_characters: DIAGNOSED_LENGTH_MAX,
} as const
