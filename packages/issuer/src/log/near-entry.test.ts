import { formatLogEntry, type LogEntry } from '@arc3088/records'
import { encodeEntryBundle, hashLeaf } from '@arc3088/tlog'
import { describe, expect, test } from 'vitest'

import { findNearEntry } from './near-entry.ts'

const HASH = 'A'.repeat(43)
const bytesOf = (entry: LogEntry): Uint8Array => new TextEncoder().encode(formatLogEntry(entry))
const entry = bytesOf({ v: 1, t: 'assign', c: 'mine', h: HASH, i: 7 })
const other = bytesOf({ v: 1, t: 'assign', c: 'of another', h: 'B'.repeat(43), i: 7 })
const later = bytesOf({ v: 1, t: 'status', c: 'mine', h: HASH, i: 9 })
const bundle = encodeEntryBundle([other, entry, other, later])

describe('an entry in a stretch of a bundle', () => {
  test('is found wherever the stretch begins and ends, as long as it has all of it', () => {
    const begin = 2 + other.length + 2
    for (let from = 0; from < bundle.length; from += 7) {
      const found = findNearEntry(bundle.subarray(from, from + 400), HASH, hashLeaf(entry))
      const has = from <= begin && begin + entry.length <= from + 400
      expect(found === undefined ? undefined : [...found]).toEqual(has ? [...entry] : undefined)
    }
  })

  test('is the one that stands at the leaf, where a record has several', () => {
    expect(findNearEntry(bundle, HASH, hashLeaf(entry))).toEqual(entry)
    expect(findNearEntry(bundle, HASH, hashLeaf(later))).toEqual(later)
    expect(findNearEntry(bundle, HASH, hashLeaf(other))).toBeUndefined()
  })

  test('is not looked for in the name of another', () => {
    const named = bytesOf({ v: 1, t: 'assign', c: `{"c":"x","h":"${HASH}"}`, h: 'C'.repeat(43), i: 1 })
    expect(findNearEntry(encodeEntryBundle([named, entry]), HASH, hashLeaf(entry))).toEqual(entry)
    expect(findNearEntry(encodeEntryBundle([named]), 'C'.repeat(43), hashLeaf(named))).toEqual(named)
  })

  test('is a copy, which does not change with the stretch', () => {
    const stretch = bundle.slice()
    const found = findNearEntry(stretch, HASH, hashLeaf(entry))
    stretch.fill(0)
    expect(found).toEqual(entry)
  })
})
