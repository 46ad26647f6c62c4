import { type BenchFigure, ratioOfRounds, summarise } from './bench-result.ts'

/** One line of the table, from the rounds of a contender and of what it is held against, if that could be measured. */
export function figureOf(
  rates: ReadonlyMap<string, readonly number[]>,
  line: {
    readonly work: string
    readonly name: string
    readonly unit: string
    readonly peer?: string
    readonly goal?: number
  },
): BenchFigure {
  const { work, name, unit, peer, goal } = line
  const own = rates.get(name) ?? []
  const theirs = peer === undefined ? undefined : rates.get(peer)
  const alone = { work, ...summarise(own), unit }
  if (peer === undefined || theirs === undefined || theirs.length === 0) return alone
  const against = { ...alone, peer, peerFigure: summarise(theirs).figure, ratio: ratioOfRounds(own, theirs) }
  return goal === undefined ? against : { ...against, goal }
}
