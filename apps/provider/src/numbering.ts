import { MAX, type Level } from '@arc3088/codec'
import type { NumberingPlan } from '@arc3088/issuer'

const LAST_OF_FOUR_SYMBOLS = 36 ** 4 - 1
const LAST_OF_SIX_SYMBOLS = 36 ** 6 - 1

/**
 * The plan of a provider that has none yet (GB/Z 185.2 5.6 a): at every level short numbers as the applicant
 * wishes, and long ones in an order that nobody can foretell, so that codes cannot be enumerated.
 */
export const DEFAULT_NUMBERING_PLAN: NumberingPlan = [
  ...twoRanges('requester', LAST_OF_FOUR_SYMBOLS, MAX.requester),
  ...twoRanges('ontology', LAST_OF_SIX_SYMBOLS, MAX.ontology),
  ...twoRanges('instance', LAST_OF_SIX_SYMBOLS, MAX.instance),
]

function twoRanges(level: Level, lastChosen: number, last: number): NumberingPlan {
  return [
    { level, name: 'chosen', kind: 'chosen', first: 1, last: lastChosen },
    { level, name: 'general', kind: 'scrambled', first: lastChosen + 1, last },
  ]
}
