import type { Level } from '@arc3088/codec'
import type { NumberingPlan } from '@arc3088/issuer'

/** The greatest number of so many symbols. */
const lastOf = (symbols: number): number => 36 ** symbols - 1

/**
 * The plan of a provider that has none yet (GB/Z 185.2 5.6 a): at every level short numbers as the applicant
 * wishes, and long ones in an order that nobody can foretell, so that codes cannot be enumerated. The longest stay
 * unplanned, though they are most of all: ranges never overlap, so this is where an operator adds those of a business type.
 */
export const DEFAULT_NUMBERING_PLAN: NumberingPlan = [
  ...twoRanges('requester', lastOf(4), lastOf(5)),
  ...twoRanges('ontology', lastOf(6), lastOf(8)),
  ...twoRanges('instance', lastOf(6), lastOf(8)),
]

function twoRanges(level: Level, lastChosen: number, last: number): NumberingPlan {
  return [
    { level, name: 'chosen', kind: 'chosen', first: 1, last: lastChosen },
    { level, name: 'general', kind: 'scrambled', first: lastChosen + 1, last },
  ]
}
