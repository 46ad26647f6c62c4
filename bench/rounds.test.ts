import { describe, expect, test } from 'vitest'

import { ratioOfRounds, summarise } from './bench-result.ts'
import { figureOf } from './figure.ts'
import { alternate } from './rounds.ts'

describe('rounds', () => {
  test('let every contender begin in turn, and keep its rates in order', async () => {
    const order: string[] = []
    const contender = (name: string) => () => {
      order.push(name)
      return Promise.resolve(order.length)
    }
    const rates = await alternate(3, { a: contender('a'), b: contender('b') })
    expect(order.join('')).toBe('abbaab')
    expect(rates.get('a')).toEqual([1, 4, 5])
    expect(rates.get('b')).toEqual([2, 3, 6])
  })

  test('leave out who is absent', async () => {
    const rates = await alternate(2, { a: () => Promise.resolve(1), b: undefined })
    expect([...rates.keys()]).toEqual(['a'])
  })

  test('are refused where one did nothing', async () => {
    await expect(alternate(1, { a: () => Promise.resolve(0) })).rejects.toThrow('a did nothing')
  })
})

describe('a figure', () => {
  test('is a median with its spread', () => {
    expect(summarise([10, 30, 20])).toEqual({ figure: 20, spread: 0.5 })
    expect(() => summarise([])).toThrow('no round')
  })

  test('has the median ratio to its peer, round by round', () => {
    expect(ratioOfRounds([10, 10, 40], [20, 5, 40])).toBe(1)
    const rates = new Map([
      ['ours', [10, 10, 40]],
      ['theirs', [20, 5, 40]],
    ])
    expect(figureOf(rates, { work: 'w', name: 'ours', unit: 'x/s', peer: 'theirs', goal: 0.5 })).toEqual({
      work: 'w',
      figure: 10,
      spread: 1.5,
      unit: 'x/s',
      peer: 'theirs',
      peerFigure: 20,
      ratio: 1,
      goal: 0.5,
    })
  })

  test('stands alone where its peer could not be measured', () => {
    const figure = figureOf(new Map([['ours', [1]]]), {
      work: 'w',
      name: 'ours',
      unit: 'x/s',
      peer: 'theirs',
      goal: 2,
    })
    expect(figure).toEqual({ work: 'w', figure: 1, spread: 0, unit: 'x/s' })
  })
})
