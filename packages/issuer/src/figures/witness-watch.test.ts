import { expect, test } from 'vitest'

import type { WitnessAnswer } from '../witness/ask-witness.ts'
import { watchWitnesses } from './witness-watch.ts'

const WITNESS = { url: 'https://w.example/', vkey: 'w' }
const REQUEST = { oldSize: 0, proof: [], checkpoint: '' }

function watchAnswers(): {
  watch: ReturnType<typeof watchWitnesses>
  answer(second: number, answer: WitnessAnswer): Promise<unknown>
} {
  let next: { answer: WitnessAnswer; at: Date } | undefined
  const watch = watchWitnesses(
    async () => next?.answer ?? { kind: 'unreachable', detail: '' },
    () => next?.at ?? new Date(0),
  )
  return {
    watch,
    async answer(second, answer) {
      next = { answer, at: new Date(second * 1000) }
      return await watch.ask(WITNESS, REQUEST)
    },
  }
}

const UNREACHABLE: WitnessAnswer = { kind: 'unreachable', detail: 'no' }
const COSIGNED: WitnessAnswer = { kind: 'cosigned', line: '', timestamp: 0 }

test('a witness is silent since the first of its failures, and no more once it answers', async () => {
  const { watch, answer } = watchAnswers()
  expect(watch.conducts()).toEqual([])
  await answer(1, COSIGNED)
  await answer(5, UNREACHABLE)
  await answer(9, { kind: 'refused', status: 503, detail: 'no' })
  expect(watch.conducts()).toEqual([
    { url: WITNESS.url, cosignedAt: new Date(1000), silentSince: new Date(5000) },
  ])
  await answer(12, COSIGNED)
  expect(watch.conducts()).toEqual([
    { url: WITNESS.url, cosignedAt: new Date(12_000), silentSince: undefined },
  ])
})

test('a witness that names another size is not silent, and has not cosigned', async () => {
  const { watch, answer } = watchAnswers()
  await answer(1, UNREACHABLE)
  expect(await answer(2, { kind: 'conflict', size: 4 })).toEqual({ kind: 'conflict', size: 4 })
  expect(watch.conducts()).toEqual([{ url: WITNESS.url, cosignedAt: undefined, silentSince: undefined }])
})
