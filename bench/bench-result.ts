/** One line of the table that a benchmark prints. */
export interface BenchFigure {
  readonly work: string
  /** Median of the rounds, in `unit`. */
  readonly figure: number
  readonly unit: string
  /** Half the distance between the fastest and the slowest round, as a part of the median. */
  readonly spread: number
  /** The limit or peer measured in the same run; absent when the figure stands alone. */
  readonly peer?: string
  readonly peerFigure?: number
  /** The least ratio of figure to peer that counts as met. */
  readonly goal?: number
}

/** What `bench/<row>.bench.ts` answers. Figures are absolute; ratios are what goals are about. */
export interface BenchResult {
  readonly row: string
  /** Sizes, seeds and versions, so that a run can be repeated. */
  readonly setting: Readonly<Record<string, string | number>>
  readonly figures: readonly BenchFigure[]
  /** What could not be measured here, and what would be next. */
  readonly notes: readonly string[]
}

export function ratioOf(figure: BenchFigure): number | undefined {
  return figure.peerFigure === undefined ? undefined : figure.figure / figure.peerFigure
}

/** Whether the goal is met; undefined where there is no goal or nothing to measure it against. */
export function isMet(figure: BenchFigure): boolean | undefined {
  const ratio = ratioOf(figure)
  return ratio === undefined || figure.goal === undefined ? undefined : ratio >= figure.goal
}

/** Median and spread of the figures of some rounds. */
export function summarise(rounds: readonly number[]): { figure: number; spread: number } {
  const sorted = rounds.toSorted((a, b) => a - b)
  const figure = sorted[sorted.length >> 1]
  const least = sorted[0]
  const greatest = sorted.at(-1)
  if (figure === undefined || least === undefined || greatest === undefined)
    throw new Error('no round was run')
  return { figure, spread: (greatest - least) / 2 / figure }
}
