import { describe, expect, test } from 'vitest'

import type { Act } from '../tests/folded-agreement.ts'
import { A, ALL, B, NBF, events, terms } from '../tests/folded-agreement.ts'
import { foldAgreement, linkBetween } from './agreement-state.ts'
import { lateness } from './own-history.ts'

const active: readonly Act[] = [
  [A, 'activate', NBF],
  [B, 'activate', NBF],
]

describe('an event that came late', () => {
  const seenAt = (acts: readonly Act[], seen: ReadonlyMap<number, number>) =>
    events(...acts).map((each, nth) => {
      const instant = seen.get(nth)
      const late = instant === undefined ? undefined : lateness(each, instant)
      return late === undefined ? each : { ...each, seen: late }
    })
  const history = (acts: readonly Act[], seen: ReadonlyMap<number, number>, instants: readonly number[]) =>
    instants.map((at) => foldAgreement(terms(), seenAt(acts, seen), at).state)

  test('does not undo a suspension before it was seen, whatever date it bears', () => {
    const acts: Act[] = [...active, [B, 'suspend', 1100], [B, 'resume', 1101]]
    const seen = new Map([[3, 1500]])
    expect(history(acts, seen, [1099, 1100, 1101, 1499, 1500])).toEqual([
      'in-force',
      'suspended',
      'suspended',
      'suspended',
      'in-force',
    ])
    expect(foldAgreement(terms(), seenAt(acts, seen), 1600)).toMatchObject({ since: 1500 })
  })

  test('does not put an agreement into force before it was seen', () => {
    expect(history(active, new Map([[1, 1200]]), [1199, 1200])).toEqual(['countersigned', 'in-force'])
  })

  test('is not late while it may have been on its way, nor where it lets less through', () => {
    expect(lateness({ event: 'resume', effective: 1000 }, 1060)).toBeUndefined()
    expect(lateness({ event: 'resume', effective: 1000 }, 1061)).toBe(1061)
    for (const event of ['suspend', 'terminate', 'key_update'] as const)
      expect(lateness({ event, effective: 1000 }, 9999)).toBeUndefined()
  })

  test('brings nothing back that was suspended after it', () => {
    const acts: Act[] = [...active, [B, 'suspend', 1100], [B, 'resume', 1101], [B, 'suspend', 1200]]
    expect(history(acts, new Map([[3, 1500]]), [1150, 1300, 1500, 1600])).toEqual(
      Array<string>(4).fill('suspended'),
    )
  })
})

describe('a party that was shown to have said two things', () => {
  const foldAt = (acts: readonly Act[], at: number) =>
    foldAgreement(terms(ALL), events(...acts), at, { doubted: new Map([[B, 1300]]) })
  const allActive = ALL.map((id): Act => [id, 'activate', NBF])

  test('is suspended from then on, and nobody else is', () => {
    const acts: Act[] = [...allActive, [B, 'suspend', 1100], [B, 'resume', 1400]]
    expect(foldAt(allActive, 1299).links.map(({ state }) => state)).toEqual(Array<string>(3).fill('in-force'))
    expect(foldAt(allActive, 1300).links.map(({ state }) => state)).toEqual([
      'suspended',
      'in-force',
      'suspended',
    ])
    expect(linkBetween(foldAt(acts, 1500), A, B)).toMatchObject({ state: 'suspended', since: 1100 })
  })

  test('can still leave', () => {
    expect(linkBetween(foldAt([...allActive, [B, 'terminate', 1400]], 1400), A, B)?.state).toBe('terminated')
  })
})
