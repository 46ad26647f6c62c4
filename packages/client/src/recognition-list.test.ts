import type { RecognitionList } from '@arc3088/records'
import { expect, test } from 'vitest'

import { findRecognised, listWanted, successionTrouble } from './recognition-list.ts'

const T0 = 1_790_000_000
const ENTRY = {
  trust_anchor: 'https://other.example',
  state: 'suspended',
} as RecognitionList['entries'][number]

function list(
  seq: number,
  { iat = T0 + seq, entries = [] as RecognitionList['entries'] }: Partial<RecognitionList> = {},
) {
  const claims: RecognitionList = {
    iss: 'https://root.example',
    iat,
    exp: iat + 3600,
    ttl: 60,
    seq,
    prev: `hash ${seq - 1}`,
    entries,
  }
  return { claims }
}

test.each([
  ['the first that is seen', list(5), undefined],
  ['the same again', list(5), list(5)],
  ['the same that was signed anew', list(5, { iat: T0 + 90 }), list(5)],
  ['an earlier issue of the same', list(5), list(5, { iat: T0 + 90 })],
  ['the next', list(6), list(5)],
  ['one after others that were not seen', list(9), list(5)],
])('takes %s', (_, came, newest) => {
  expect(successionTrouble(came, newest)).toBeUndefined()
})

test.each([
  ['one before', list(4), list(5), 'list 4 came, and list 5 was seen before'],
  ['another by the same number', list(5, { entries: [ENTRY] }), list(5), 'another list 5'],
  [
    'another by the same number, signed later',
    list(5, { entries: [ENTRY], iat: T0 + 90 }),
    list(5),
    'another',
  ],
  ['a later one that is older', list(9, { iat: T0 }), list(5), 'is older than list 5'],
])('refuses %s', (_, came, newest, why) => {
  expect(successionTrouble(came, newest)).toContain(why)
})

test('wants a list of the age that is allowed, and asks for it once a second at most', () => {
  const now = T0 * 1000
  expect(listWanted(now, 600)).toEqual({ signedAfter: now - 600_000, fetchedAfter: now - 1000 })
})

test('finds nobody in a list of nobody', () => {
  expect(findRecognised('1.2.702.9999.1.1', list(1).claims)).toBeUndefined()
})
