import { randomBytes } from 'node:crypto'

import { v7 } from 'uuid'

/**
 * What a use case may not take from the air. Time, ids and randomness come in through here, so that a test can
 * hold them still, and `reached` marks the steps at which tests kill; in production it does nothing.
 */
export interface Ambient {
  now(): Date
  /** A UUIDv7 (RFC 9562 section 5.7): sorts by time, so it makes a good primary key. */
  newId(): string
  randomBytes(length: number): Uint8Array
  reached(step: string): void
}

/** The ambient of a running node. */
export function systemAmbient(): Ambient {
  return {
    now: () => new Date(Date.now()),
    newId: () => v7(),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    reached: () => undefined,
  }
}

/** NumericDate (RFC 7519 section 2): whole seconds since the epoch. */
export function numericDate(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
