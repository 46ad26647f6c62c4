/** How a benchmark is run. */
export interface BenchOptions {
  /** Seconds instead of minutes, to see that the row works; its figures mean nothing and are not kept. */
  readonly smoke: boolean
  /** Runs the nodes from source instead of as built. */
  readonly fromSource: boolean
}
