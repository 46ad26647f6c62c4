import type { AgreementEvent } from '@arc3088/records'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { foldAgreement, isInTurn, linkBetween } from './agreement-state.ts'
import type { Act } from '../tests/folded-agreement.ts'
import { A, ALL, B, C, EXP, NBF, events, terms } from '../tests/folded-agreement.ts'
import type { OwnState } from './own-history.ts'
import { afterEvent, lateness, moreRestrictive } from './own-history.ts'

const stateOf = (acts: readonly Act[], at: number, ids: readonly string[] = [A, B]) =>
  foldAgreement(terms(ids), events(...acts), at).state
const active: readonly Act[] = [
  [A, 'activate', NBF],
  [B, 'activate', NBF],
]

describe('what an event makes of a state', () => {
  const table: readonly (readonly [OwnState, AgreementEvent['event'], OwnState])[] = [
    ['countersigned', 'activate', 'in-force'],
    ['countersigned', 'suspend', 'countersigned'],
    ['countersigned', 'resume', 'countersigned'],
    ['countersigned', 'terminate', 'terminated'],
    ['countersigned', 'key_update', 'countersigned'],
    ['in-force', 'activate', 'in-force'],
    ['in-force', 'suspend', 'suspended'],
    ['in-force', 'resume', 'in-force'],
    ['in-force', 'terminate', 'terminated'],
    ['in-force', 'key_update', 'in-force'],
    ['suspended', 'activate', 'suspended'],
    ['suspended', 'suspend', 'suspended'],
    ['suspended', 'resume', 'in-force'],
    ['suspended', 'terminate', 'terminated'],
    ['suspended', 'key_update', 'suspended'],
    ['terminated', 'activate', 'terminated'],
    ['terminated', 'suspend', 'terminated'],
    ['terminated', 'resume', 'terminated'],
    ['terminated', 'terminate', 'terminated'],
    ['terminated', 'key_update', 'terminated'],
  ]
  test.each(table)('%s and %s: %s', (before, event, after) => {
    expect(afterEvent(before, event)).toBe(after)
  })
})

describe('of two states the more restrictive', () => {
  const order: readonly OwnState[] = ['terminated', 'countersigned', 'suspended', 'in-force']
  test.each(order.flatMap((a, i) => order.map((b, j) => [a, b, i < j ? a : b] as const)))(
    '%s and %s: %s',
    (a, b, worse) => {
      expect(moreRestrictive(a, b)).toBe(worse)
    },
  )
})

describe('an agreement of two', () => {
  test.each<readonly [string, readonly Act[], number, string]>([
    ['is countersigned before nbf, though both have activated', active, NBF - 1, 'countersigned'],
    ['is in force from nbf', active, NBF, 'in-force'],
    ['is not in force while one has not activated', active.slice(0, 1), NBF, 'countersigned'],
    ['is in force at exp', active, EXP, 'in-force'],
    ['has expired after exp', active, EXP + 1, 'expired'],
    ['is suspended by either', [...active, [B, 'suspend', 1100]], 1100, 'suspended'],
    ['is in force before the suspension takes effect', [...active, [B, 'suspend', 1100]], 1099, 'in-force'],
    [
      'stays suspended when the other resumes what it suspended itself',
      [...active, [A, 'suspend', 1100], [B, 'suspend', 1100], [B, 'resume', 1200]],
      1300,
      'suspended',
    ],
    [
      'is in force when whoever suspended resumes',
      [...active, [A, 'suspend', 1100], [A, 'resume', 1200]],
      1200,
      'in-force',
    ],
    ['is terminated when one leaves', [...active, [A, 'terminate', 1100]], 1100, 'terminated'],
    ['stays terminated after exp', [...active, [A, 'terminate', 1100]], EXP + 1, 'terminated'],
    [
      'stays expired, whoever leaves afterwards',
      [...active, [A, 'terminate', EXP + 100]],
      EXP + 200,
      'expired',
    ],
    [
      'may be suspended while a termination is under notice',
      [...active, [A, 'terminate', 1500], [A, 'suspend', 1100]],
      1200,
      'suspended',
    ],
  ])('%s', (_, acts, at, state) => {
    expect(stateOf(acts, at)).toBe(state)
  })

  test('is superseded from the nbf of the version that replaces it', () => {
    const fold = (at: number) => foldAgreement(terms(), events(...active), at, { supersededAt: 1500 })
    expect(fold(1499).state).toBe('in-force')
    expect(fold(1500)).toMatchObject({ state: 'superseded', since: 1500 })
  })

  test('tells since when it stands so, and whether it was ever in force', () => {
    const fold = foldAgreement(terms(), events(...active, [A, 'terminate', 1100]), 1200)
    expect(linkBetween(fold, B, A)).toMatchObject({ state: 'terminated', since: 1100, wasInForce: true })
    const never = foldAgreement(terms(), events([A, 'terminate', 1100]), 1200)
    expect(linkBetween(never, A, B)).toMatchObject({ state: 'terminated', wasInForce: false })
  })

  test("lists a party's keys as its last update that has taken effect does", () => {
    const key = { kty: 'OKP', crv: 'Ed25519', x: 'x', kid: 'K'.repeat(43), alg: 'Ed25519' } as const
    const [update] = events([A, 'key_update', 1100])
    const all = update === undefined ? [] : [{ ...update, jwks: { keys: [key] } }]
    const keysAt = (at: number) => foldAgreement(terms(), all, at).parties[0]?.keys
    expect(keysAt(1099)).toEqual(['1'.repeat(43)])
    expect(keysAt(1100)).toEqual([key.kid])
  })
})

describe('an agreement of three', () => {
  const allActive = ALL.map((id): Act => [id, 'activate', NBF])

  test('lives on between two when one leaves', () => {
    const fold = foldAgreement(terms(ALL), events(...allActive, [C, 'terminate', 1100]), 1200)
    expect(fold.state).toBe('in-force')
    expect(linkBetween(fold, A, B)?.state).toBe('in-force')
    expect(linkBetween(fold, A, C)?.state).toBe('terminated')
    expect(linkBetween(fold, B, C)?.state).toBe('terminated')
    expect(fold.parties.map((each) => each.state)).toEqual(['in-force', 'in-force', 'terminated'])
  })

  test('is terminated when one party remains', () => {
    const acts: Act[] = [...allActive, [C, 'terminate', 1100], [B, 'terminate', 1200]]
    expect(foldAgreement(terms(ALL), events(...acts), 1300)).toMatchObject({
      state: 'terminated',
      since: 1200,
    })
  })

  test('is suspended on one link only by an event towards one party', () => {
    const fold = foldAgreement(terms(ALL), events(...allActive, [A, 'suspend', 1100, B]), 1200)
    expect(fold.links.map((link) => link.state)).toEqual(['suspended', 'in-force', 'in-force'])
  })
})

const act = fc.record({
  iss: fc.constantFrom(...ALL),
  event: fc.constantFrom('activate', 'suspend', 'resume', 'terminate', 'key_update' as const),
  effective: fc.integer({ min: 900, max: 2200 }),
  towards: fc.constantFrom('all', ...ALL),
})

/** Chains of events, each in its turn. */
const chains = fc.array(act, { maxLength: 24 }).map((acts) => {
  const chained: AgreementEvent[] = []
  for (const { iss, event, effective, towards } of acts) {
    const isWhole = event === 'terminate' || event === 'key_update'
    const [next] = events([iss, event, effective, isWhole ? 'all' : towards])
    const own = chained.filter((each) => each.iss === iss)
    if (next === undefined || next.towards === iss) continue
    const numbered = { ...next, seq: own.length + 1 }
    if (isInTurn(numbered, terms(ALL), own)) chained.push(numbered)
  }
  return chained
})
const isOver = (state: string) => state === 'terminated' || state === 'expired'
const instant = fc.integer({ min: 800, max: 2400 })

describe('of any chains of events', () => {
  test('a link is in force exactly where both ends are, within the dates', () => {
    fc.assert(
      fc.property(chains, instant, (all, at) => {
        const fold = foldAgreement(terms(ALL), all, at)
        for (const { between, state } of fold.links) {
          const own = between.map((id, i) =>
            fold.parties.find((each) => each.entityId === id)?.towards.get(between[1 - i] ?? ''),
          )
          const isBoth = own.every((each) => each?.state === 'in-force')
          expect(state === 'in-force').toBe(isBoth && at >= NBF && at <= EXP)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('what has not taken effect changes nothing, nor does the order in which events are given', () => {
    fc.assert(
      fc.property(chains, instant, (all, at) => {
        const fold = foldAgreement(terms(ALL), all, at)
        expect(
          foldAgreement(
            terms(ALL),
            all.filter((each) => each.effective <= at),
            at,
          ),
        ).toEqual(fold)
        expect(foldAgreement(terms(ALL), all.toReversed(), at)).toEqual(fold)
      }),
      { numRuns: 300 },
    )
  })

  test('a party that has left is never in force again, and an end is final', () => {
    fc.assert(
      fc.property(chains, instant, instant, (all, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)]
        const before = foldAgreement(terms(ALL), all, early)
        const after = foldAgreement(terms(ALL), all, late)
        const over = before.links.map(({ state }, i) => ({ i, state })).filter(({ state }) => isOver(state))
        expect(over.map(({ i }) => after.links[i]?.state)).toEqual(over.map(({ state }) => state))
        const gone = before.parties.map(({ state }, i) => ({ i, state })).filter(({ state }) => isOver(state))
        expect(gone.map(({ i }) => after.parties[i]?.state)).toEqual(gone.map(({ state }) => state))
      }),
      { numRuns: 500 },
    )
  })

  test('what was seen late lets no more through at any instant than what was said', () => {
    fc.assert(
      fc.property(chains, fc.integer({ min: 0, max: 1200 }), instant, (all, delay, at) => {
        const seen = all.map((each) => {
          const late = lateness(each, each.effective + delay)
          return late === undefined ? each : { ...each, seen: late }
        })
        const stated = foldAgreement(terms(ALL), all, at)
        const fold = foldAgreement(terms(ALL), seen, at)
        for (const [i, { towards }] of fold.parties.entries())
          for (const [other, { state }] of towards) {
            const said = stated.parties[i]?.towards.get(other)?.state ?? 'terminated'
            expect(moreRestrictive(state, said)).toBe(state)
          }
      }),
      { numRuns: 500 },
    )
  })

  test('the agreement is in force as long as any two are', () => {
    fc.assert(
      fc.property(chains, instant, (all, at) => {
        const fold = foldAgreement(terms(ALL), all, at)
        expect(fold.state === 'in-force').toBe(fold.links.some((link) => link.state === 'in-force'))
      }),
      { numRuns: 300 },
    )
  })
})
