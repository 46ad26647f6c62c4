/** Columns that {@link readCodes} fills, one row a line. Make one with {@link createCodeBatch} and use it again and again. */
export interface CodeBatch {
  /** How many rows hold a line of the last reading. */
  count: number
  /** 1 where the line is an identity code; the numbers of a row hold only then. */
  readonly accepted: Uint8Array
  /** The bytes of each line: from start up to, not including, end. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** Which of the prefixes given the code has. */
  readonly prefixes: Uint8Array
  readonly versions: Uint8Array
  readonly providers: Uint32Array
  readonly requesters: Uint32Array
  readonly ontologies: Float64Array
  readonly instances: Float64Array
}

/** The most rows that a batch can have: about 40 bytes are kept for each. */
export const BATCH_CAPACITY_MAX = 1_048_576

/** An empty batch for up to `capacity` lines at a time. @throws RangeError outside 1..1,048,576. */
export function createCodeBatch(capacity: number): CodeBatch {
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > BATCH_CAPACITY_MAX) {
    throw new RangeError(`a batch has 1 to ${BATCH_CAPACITY_MAX} rows`)
  }
  return {
    count: 0,
    accepted: new Uint8Array(capacity),
    starts: new Uint32Array(capacity),
    ends: new Uint32Array(capacity),
    prefixes: new Uint8Array(capacity),
    versions: new Uint8Array(capacity),
    providers: new Uint32Array(capacity),
    requesters: new Uint32Array(capacity),
    ontologies: new Float64Array(capacity),
    instances: new Float64Array(capacity),
  }
}
