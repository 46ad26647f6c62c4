import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'

import { expect, test } from 'vitest'

import { judgeAddress } from './address.ts'
import { judgedLookup } from './judged-lookup.ts'

const PUBLIC = { address: '8.8.8.8', family: 4 }
const PUBLIC6 = { address: '2606:4700::1111', family: 6 }
const INNER = { address: '10.0.0.1', family: 4 }

async function look(addresses: readonly LookupAddress[], options: Parameters<LookupFunction>[1]) {
  const questions: object[] = []
  const lookup = judgedLookup(
    (address) => judgeAddress(address, { allowLoopbackHttp: false }),
    (hostname, question, callback) => {
      questions.push({ hostname, ...question })
      callback(null, addresses)
    },
  )
  const answer = await new Promise<unknown[]>((resolve) => {
    lookup('a.example', options, (...given) => resolve(given))
  })
  return { answer, questions }
}

test('hands all addresses to a socket that tries them in turn', async () => {
  const { answer, questions } = await look([PUBLIC6, PUBLIC], { all: true, hints: 32 })
  expect(answer).toEqual([null, [PUBLIC6, PUBLIC]])
  expect(questions).toEqual([{ hostname: 'a.example', hints: 32 }])
})

test('hands the first to a socket that takes one', async () => {
  const { answer } = await look([PUBLIC, PUBLIC6], { family: 4 })
  expect(answer).toEqual([null, '8.8.8.8', 4])
})

test.each([[[INNER]], [[PUBLIC, INNER]], [[INNER, PUBLIC6]]])(
  'condemns a name with %o',
  async (addresses) => {
    for (const all of [true, false]) {
      const { answer } = await look(addresses, { all })
      expect(answer).toEqual([expect.objectContaining({ code: 'address-refused' }), '', 0])
    }
  },
)

test('says so where a name has no address', async () => {
  const { answer } = await look([], { all: true })
  expect(answer).toEqual([expect.objectContaining({ message: 'a.example has no address' }), '', 0])
})
