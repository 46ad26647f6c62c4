import { describe, expect, test } from 'vitest'

import { VERDICTS, compareVerdicts, couldNotTell, exitCodeOf, isGood } from './verdict.ts'

describe('exit codes', () => {
  test('are 0 for what is good, 2 for what could not be told, 1 for all else', () => {
    const byCode = new Map<number, string[]>()
    for (const verdict of VERDICTS) {
      byCode.set(exitCodeOf(verdict), [...(byCode.get(exitCodeOf(verdict)) ?? []), verdict])
    }
    expect(byCode.get(0)).toEqual(['superseded', 'valid'])
    expect(byCode.get(2)).toEqual(['stale', 'indeterminate'])
    expect(byCode.get(1)).toHaveLength(VERDICTS.length - 4)
  })

  test('no verdict is both good and untold', () => {
    expect(VERDICTS.filter((verdict) => isGood(verdict) && couldNotTell(verdict))).toEqual([])
  })
})

describe('of two findings', () => {
  test.each([
    ['signature-invalid', 'stale'],
    ['chain-invalid', 'indeterminate'],
    ['stale', 'revoked'],
    ['recalled', 'suspended'],
    ['provider-suspended', 'requester-suspended'],
    ['suspended', 'superseded'],
  ] as const)('%s outweighs %s', (worse, better) => {
    expect(compareVerdicts(worse, better)).toBeLessThan(0)
    expect(compareVerdicts(better, worse)).toBeGreaterThan(0)
  })

  test('the two integrity failures weigh the same, so that the first found decides', () => {
    expect(compareVerdicts('signature-invalid', 'chain-invalid')).toBe(0)
  })
})
