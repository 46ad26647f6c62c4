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
  /** Median over the rounds of figure to peer, each pair measured in the same moment. */
  readonly ratio?: number
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

/** Whether the goal is met; undefined where there is no goal or nothing to measure it against. */
export function isMet(figure: BenchFigure): boolean | undefined {
  return figure.ratio === undefined || figure.goal === undefined ? undefined : figure.ratio >= figure.goal
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

/** Median of the ratios of two contenders, round by round: what slows a whole round down cancels out. */
export function ratioOfRounds(figures: readonly number[], peers: readonly number[]): number {
  return summarise(figures.map((figure, round) => figure / (peers[round] ?? Number.NaN))).figure
}
