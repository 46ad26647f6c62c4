import fc from 'fast-check'
import { expect, test } from 'vitest'

import { decodeEntryBundle, encodeEntryBundle, ENTRY_BYTES_MAX, entryInBundle } from './entry-bundle.ts'

const bundle = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 256 })

test('gives back the entries, empty ones and the longest too', () => {
  fc.assert(
    fc.property(bundle, (entries) => {
      expect(decodeEntryBundle(encodeEntryBundle(entries))?.map((entry) => [...entry])).toEqual(
        entries.map((entry) => [...entry]),
      )
    }),
    { numRuns: 30 },
  )
  const longest = new Uint8Array(ENTRY_BYTES_MAX).fill(7)
  expect(decodeEntryBundle(encodeEntryBundle([longest]))).toEqual([longest])
})

test('refuses a bundle that is cut anywhere, or loses entries by the cut', () => {
  fc.assert(
    fc.property(bundle, fc.nat(), (entries, at) => {
      const bytes = encodeEntryBundle(entries)
      const cut = decodeEntryBundle(bytes.slice(0, at % bytes.length))
      expect(cut?.length ?? 0).toBeLessThan(entries.length)
    }),
    { numRuns: 60 },
  )
})

test('reads the length as the two bytes before the entry', () => {
  expect([...encodeEntryBundle([Uint8Array.of(9, 8), new Uint8Array(0)])]).toEqual([0, 2, 9, 8, 0, 0])
})

test.each([
  ['no entry', []],
  ['half a length', [0]],
  ['an entry shorter than its length', [0, 2, 9]],
  ['half a length after an entry', [0, 1, 9, 0]],
  ['257 entries', Array.from({ length: 257 * 2 }, () => 0)],
])('refuses %s', (_, bytes) => {
  expect(decodeEntryBundle(Uint8Array.from(bytes))).toBeUndefined()
})

test('writes no bundle of none, of 257, or of an entry too long', () => {
  expect(() => encodeEntryBundle([])).toThrow('1 to 256')
  expect(() => encodeEntryBundle(Array.from({ length: 257 }, () => new Uint8Array(1)))).toThrow('1 to 256')
  expect(() => encodeEntryBundle([new Uint8Array(ENTRY_BYTES_MAX + 1)])).toThrow('65535')
})

test('finds one entry as reading all of them would', () => {
  fc.assert(
    fc.property(bundle, fc.nat({ max: 300 }), (entries, place) => {
      const found = entryInBundle(encodeEntryBundle(entries), place)
      expect(found === undefined ? undefined : [...found]).toEqual(
        entries[place] === undefined ? undefined : [...entries[place]],
      )
    }),
    { numRuns: 60 },
  )
  expect(entryInBundle(Uint8Array.of(0, 2, 9), 0)).toBeUndefined()
  expect(entryInBundle(Uint8Array.of(0), 0)).toBeUndefined()
  expect(entryInBundle(new Uint8Array(257 * 2), 256)).toBeUndefined()
})
