import { listDigest, pageDigest } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import { firstStanding, nextStanding, paged, withEntry } from './list-chain.ts'

describe('the chain of a list', () => {
  test('binds each list to the one before, by number and digest', async () => {
    const first = await firstStanding<string>({ entries: [], entriesAPage: 2 })
    expect(first).toMatchObject({ seq: 1, prev: null, pages: [[]], decided: 0 })
    const second = await nextStanding(first, { entries: ['a', 'b', 'c'], entriesAPage: 2, last: undefined })
    expect(second).toMatchObject({ seq: 2, prev: first.digest, pages: [['a', 'b'], ['c']], decided: 1 })
    const pages = await Promise.all([pageDigest(['a', 'b']), pageDigest(['c'])])
    expect(second.digest).toBe(await listDigest({ seq: 2, prev: first.digest, pages }))
  })

  test('gives the same entries another digest at another place', async () => {
    const first = await firstStanding<string>({ entries: ['a'], entriesAPage: 2 })
    const second = await nextStanding(first, { entries: ['a'], entriesAPage: 2, last: undefined })
    const third = await nextStanding(second, { entries: ['a'], entriesAPage: 2, last: undefined })
    expect(new Set([first.digest, second.digest, third.digest]).size).toBe(3)
  })
})

test('a list is cut into full pages and a last one, and nothing is one empty page', () => {
  expect(paged(['a', 'b', 'c', 'd'], 2)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  expect(paged([], 2)).toEqual([[]])
})

test('an entry takes the place of the one of its name, and a new one comes last', () => {
  const nameOf = (text: string) => text.slice(0, 1)
  expect(withEntry(['a1', 'b1'], 'a2', nameOf)).toEqual(['a2', 'b1'])
  expect(withEntry(['a1', 'b1'], 'c1', nameOf)).toEqual(['a1', 'b1', 'c1'])
})
