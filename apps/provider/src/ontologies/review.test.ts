import { expect, test } from 'vitest'

import { judgeReview, type ReviewAct, type ReviewState } from './review.ts'

const STATES = ['draft', 'submitted', 'under-review', 'returned', 'rejected', 'approved'] as const

/** What each act does in each state, in the order of STATES. `=` changes nothing, `-` is refused. */
const TABLE: Readonly<Record<ReviewAct, readonly (ReviewState | '=' | '-')[]>> = {
  edit: ['draft', '-', '-', 'draft', '-', '-'],
  submit: ['submitted', '=', '-', 'submitted', '-', '-'],
  take: ['-', 'under-review', '=', '-', '-', '-'],
  return: ['-', '-', 'returned', '=', '-', '-'],
  reject: ['-', '-', 'rejected', '-', '=', '-'],
  approve: ['-', '-', 'approved', '-', '-', '-'],
}

const CASES = (Object.keys(TABLE) as ReviewAct[]).flatMap((act) =>
  STATES.map((state, nth) => [act, state, TABLE[act][nth] ?? '-'] as const),
)

test.each(CASES)('%s of what is %s: %s', (act, state, expected) => {
  const move = judgeReview(act, state, { by: 'rita', actor: 'rita' })
  const seen = { moved: 'to' in move ? move.to : '', unchanged: '=', refuse: '-' }[move.kind]
  expect(seen).toBe(expected)
})

test('what one reviewer has taken, another cannot take', () => {
  expect(judgeReview('take', 'under-review', { by: 'rita', actor: 'rolf' })).toMatchObject({
    kind: 'refuse',
    because: 'ontology-state',
  })
})
