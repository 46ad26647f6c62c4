/** What a load generator is to do. Bounded by `milliseconds`, and by the lines of a file that is used once. */
export interface LoadPlan {
  readonly host: string
  readonly port: number
  readonly connections: number
  readonly milliseconds: number
  readonly request: RequestTemplate
  /** The status that each answer must have; any other is an error. */
  readonly status: number
  /** For what is not ours and fails under load: its failures are counted, and not in its rate. */
  readonly peerMayFail?: true
  /** Keeps the text between this and the next `"` of each answer, and writes it to `keptFile`, a line each. */
  readonly keep?: string
  readonly keptFile?: string
}

/**
 * A request is the pieces with the columns of one line of `file` between them, in order. With `uniqueKey` one more
 * column follows: a text that no other request of any run has.
 */
export interface RequestTemplate {
  readonly pieces: readonly string[]
  readonly file?: string
  /** Begin again at the first line after the last; else the run ends there. */
  readonly repeat?: boolean
  readonly uniqueKey?: boolean
}

/** What was measured. */
export interface LoadResult {
  readonly answered: number
  readonly milliseconds: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly errors: number
  /** The first answer that was none, or the first connection that broke. */
  readonly firstError?: string
  /** The generator's own share, which the machine cannot give to what is measured. */
  readonly cpuMicrosecondsPerRequest: number
}

/** How many were answered, and when; to hold something else against it. */
export interface LoadProgress {
  /** `performance.timeOrigin + performance.now()`, which processes of one machine share. */
  readonly at: number
  readonly answered: number
}

export type FromGenerator =
  | ({ readonly kind: 'progress' } & LoadProgress)
  | { readonly kind: 'done'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly message: string }
