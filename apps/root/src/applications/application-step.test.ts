import { describe, expect, test } from 'vitest'

import {
  APPLICATION_ACTS,
  APPLICATION_STATES,
  isOpen,
  judgeStep,
  timesOf,
  type ApplicationAct,
  type ApplicationState,
  type ApplicationStep,
} from './application-step.ts'

/** Rows: acts; columns: applied, under-review, returned, approved, rejected, withdrawn. A dash is a refusal. */
const TABLE: readonly (readonly [ApplicationAct, readonly (ApplicationState | '-')[]])[] = [
  ['take', ['under-review', '-', '-', '-', '-', '-']],
  ['return', ['-', 'returned', '-', '-', '-', '-']],
  ['complete', ['-', '-', 'under-review', '-', '-', '-']],
  ['complete-anew', ['-', '-', 'applied', '-', '-', '-']],
  ['withdraw', ['withdrawn', 'withdrawn', 'withdrawn', '-', '-', '-']],
  ['approve', ['-', 'approved', '-', '-', '-', '-']],
  ['reject', ['rejected', 'rejected', 'rejected', '-', '-', '-']],
]

describe('what may be done to an application', () => {
  test('is in the truth table for every act', () => {
    expect(TABLE.map(([act]) => act)).toEqual([...APPLICATION_ACTS])
  })

  const cells = TABLE.flatMap(([act, row]) =>
    APPLICATION_STATES.map((state, nth) => [act, state, row[nth] ?? '?'] as const),
  )
  test.each(cells)('%s, when it is %s: %s', (act, state, expected) => {
    const judgement = judgeStep(act, state)
    const refusal = { kind: 'refuse', because: 'application-state', detail: `The application is ${state}` }
    expect(judgement).toEqual(expected === '-' ? refusal : { kind: 'moved', to: expected })
  })

  test.each(APPLICATION_STATES)('%s is an end exactly when nothing leads out of it', (state) => {
    const leaves = APPLICATION_ACTS.some((act) => judgeStep(act, state).kind === 'moved')
    expect(leaves).toBe(isOpen(state))
  })
})

describe('the time that an application stood in each state', () => {
  const step = (from: ApplicationState | null, to: ApplicationState, at: string): ApplicationStep => {
    return { step: 1, from, to, actor: 'a', reason: null, detail: {}, at: new Date(at) }
  }

  test('is counted from step to step, the last state not being over', () => {
    const steps = [
      step(null, 'applied', '2026-11-01T00:00:00Z'),
      step('applied', 'under-review', '2026-11-01T00:01:00Z'),
      step('under-review', 'returned', '2026-11-01T01:01:00Z'),
      step('returned', 'under-review', '2026-11-02T01:01:00.900Z'),
    ]
    expect(timesOf(steps)).toEqual([
      { state: 'applied', seconds: 60 },
      { state: 'under-review', seconds: 3600 },
      { state: 'returned', seconds: 86_400 },
    ])
  })

  test('is nothing before the first step is left, and never negative', () => {
    const first = step(null, 'applied', '2026-11-01T00:00:10Z')
    expect(timesOf([first])).toEqual([])
    expect(timesOf([first, step('applied', 'under-review', '2026-11-01T00:00:00Z')])).toEqual([
      { state: 'applied', seconds: 0 },
    ])
  })
})
