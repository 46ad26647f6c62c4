import { createHash } from 'node:crypto'

import { readSubject } from '@arc3088/codec'
import type { Settled, Submission } from '@arc3088/issuer'
import type { CompactJws } from '@arc3088/records'
import { expect, test } from 'vitest'

import { joinEqual } from './bulk-registrar.ts'

const read = readSubject('1.2.156.3088.1.1.34C2.478BDF.3GF546')
if (read.kind === 'malformed') throw new Error('the example is malformed')
const subject = read

const hash = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())

function submit(key: string, request = 'a', principal = 'r'): Submission<string> {
  return {
    request,
    principal,
    scopeRequester: 1,
    idempotency: { keyHash: hash(key), bodyHash: hash(request) },
  }
}

/** Assigns records by number, and says what it was asked. */
function countingAssigner() {
  const asked: string[][] = []
  let made = 0
  const assign = joinEqual<string>(async (submissions) => {
    asked.push(submissions.map(({ request }) => request))
    await new Promise((resolve) => setTimeout(resolve, 5))
    return submissions.map(({ request }): Settled => {
      return request === 'bad'
        ? { kind: 'failed', error: new Error('bad') }
        : { kind: 'assigned', subject, record: `r${++made}` as CompactJws, replayed: false }
    })
  })
  return { assign, asked }
}

const shown = (settled: readonly Settled[]) =>
  settled.map((one) => {
    if (one.kind === 'assigned') return `${one.record}${one.replayed ? ' again' : ''}`
    return one.kind === 'refused' ? one.error.code : 'failed'
  })

test('gives equal lines of a batch one record, and refuses another body under the key', async () => {
  const { assign, asked } = countingAssigner()
  const settled = await assign([
    submit('1'),
    submit('2'),
    submit('1'),
    submit('1', 'b'),
    submit('1', 'a', 'other'),
  ])
  expect(shown(settled)).toEqual(['r1', 'r2', 'r1 again', 'idempotency-key-reused', 'r3'])
  expect(asked).toEqual([['a', 'a', 'a']])
})

test('lets two batches with the same keys in any order meet, and neither waits for the other for ever', async () => {
  const { assign, asked } = countingAssigner()
  const [one, two] = await Promise.all([
    assign([submit('1'), submit('2'), submit('x')]),
    assign([submit('y'), submit('2'), submit('1')]),
  ])
  expect([shown(one), shown(two)]).toEqual([
    ['r1', 'r2', 'r3'],
    ['r4', 'r2 again', 'r1 again'],
  ])
  expect(asked).toHaveLength(2)
})

test('forgets a key when its batch is settled, and a failure with it', async () => {
  const { assign, asked } = countingAssigner()
  expect(shown(await assign([submit('1', 'bad'), submit('1', 'bad')]))).toEqual(['failed', 'failed'])
  expect(shown(await assign([submit('1', 'bad')]))).toEqual(['failed'])
  expect(asked).toHaveLength(2)
})
