import fc from 'fast-check'
import { expect, test } from 'vitest'

import { decodeEntryBundle, encodeEntryBundle, ENTRY_BYTES_MAX } from './entry-bundle.ts'
import { encodeEntryRun } from './entry-run.ts'
import { hashLeaf } from './leaf-hash.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

test('entries of a run are encoded and hashed as each alone is', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 300 }), (entries) => {
      const { bytes, ends, leaves } = encodeEntryRun(entries)
      expect(ends).toHaveLength(entries.length)
      expect(leaves).toHaveLength(entries.length * 32)
      let at = 0
      for (const [nth, entry] of entries.entries()) {
        const end = ends[nth] ?? 0
        expect(bytes.subarray(at, end)).toEqual(encodeEntryBundle([bytesOf(entry)]))
        expect(leaves.subarray(nth * 32, nth * 32 + 32)).toEqual(hashLeaf(bytesOf(entry)))
        at = end
      }
      expect(bytes).toHaveLength(at)
    }),
    { numRuns: 60 },
  )
})

test('the longest entry is taken, and none that is longer', () => {
  const longest = 'é'.repeat((ENTRY_BYTES_MAX - 1) / 2)
  const { bytes } = encodeEntryRun([`${longest}x`])
  expect(decodeEntryBundle(bytes)?.map((entry) => entry.length)).toEqual([ENTRY_BYTES_MAX])
  expect(() => encodeEntryRun([`${longest}é`])).toThrow('65535')
})
