import { describe, expect, test } from 'vitest'

import { joinProofs } from './join-proofs.ts'
import type { ProofOptions } from './proof-options.ts'

const hashOf = (nth: number): Uint8Array => new Uint8Array([nth])

function recorded(fail?: Error) {
  const batches: { size: number; options: ProofOptions }[] = []
  const prove = joinProofs(async (hashes, options) => {
    batches.push({ size: hashes.length, options })
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (fail !== undefined) throw fail
    return hashes.map(([nth]) => (nth === 9 ? undefined : `proof ${nth}`))
  })
  return { batches, prove }
}

describe('proofs that are asked for one by one', () => {
  test('at the same time are made together, each for whom it is', async () => {
    const { batches, prove } = recorded()
    expect(await Promise.all([1, 9, 3].map((nth) => prove(hashOf(nth))))).toEqual([
      'proof 1',
      undefined,
      'proof 3',
    ])
    expect(batches).toEqual([{ size: 3, options: {} }])
  })

  test('while others are being made share the next query', async () => {
    const { batches, prove } = recorded()
    const first = prove(hashOf(1))
    await new Promise((resolve) => setTimeout(resolve, 1))
    const later = [2, 3, 4].map((nth) => prove(hashOf(nth)))
    expect(await Promise.all([first, ...later])).toEqual(['proof 1', 'proof 2', 'proof 3', 'proof 4'])
    expect(batches.map(({ size }) => size)).toEqual([1, 3])
    expect(await prove(hashOf(5))).toBe('proof 5')
  })

  test('against different checkpoints, or of different types, are not mixed', async () => {
    const { batches, prove } = recorded()
    await Promise.all([
      prove(hashOf(1)),
      prove(hashOf(1), { against: 7 }),
      prove(hashOf(1), { type: 'status' }),
    ])
    expect(batches.map(({ options }) => options)).toEqual([{}, { against: 7 }, { type: 'status' }])
  })

  test('more than 256 are made in batches', async () => {
    const { batches, prove } = recorded()
    await Promise.all(Array.from({ length: 600 }, () => prove(hashOf(1))))
    expect(batches.map(({ size }) => size)).toEqual([256, 256, 88])
  })

  test('fail for all of a batch alike, and the next is made again', async () => {
    const failing = recorded(new Error('away'))
    const asked = await Promise.allSettled([failing.prove(hashOf(1)), failing.prove(hashOf(2))])
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(failing.prove(hashOf(1))).rejects.toThrow('away')
    expect(failing.batches).toHaveLength(2)
  })
})
