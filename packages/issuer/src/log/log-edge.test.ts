import { decodeEntryBundle, hashLeaf, treeRoot } from '@arc3088/tlog'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { cutTile } from './cut-tile.ts'
import { EMPTY_LOG, growLog } from './log-edge.ts'
import { hash64Array, hash64Of, readEntryFacts } from './log-entry-facts.ts'
import { ENTRIES_LEVEL } from './stored-tile.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the right edge of a log', () => {
  test('grows to the same tree and the same bundles, in however many steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }), (steps) => {
        let edge = EMPTY_LOG
        const entries: string[] = []
        const bundles = new Map<number, Uint8Array>()
        for (const count of steps) {
          const added = Array.from({ length: count }, (_, nth) => `entry ${entries.length + nth}`)
          entries.push(...added)
          const growth = growLog(edge, added)
          edge = growth.edge
          for (const { level, index, data } of growth.tiles) {
            if (level === ENTRIES_LEVEL) bundles.set(index, data)
          }
        }
        expect(edge.root).toEqual(treeRoot(entries.map((entry) => hashLeaf(bytes(entry)))))
        expect(edge.tree.size).toBe(entries.length)
        const stored = [...bundles.keys()]
          .toSorted((a, b) => a - b)
          .flatMap((index) => {
            const data = bundles.get(index)
            return data === undefined ? [] : (decodeEntryBundle(data) ?? [])
          })
        expect(stored.map((entry) => new TextDecoder().decode(entry))).toEqual(entries)
      }),
      { numRuns: 40 },
    )
  })

  test('is what it was when nothing is appended', () => {
    expect(growLog(EMPTY_LOG, [])).toEqual({ edge: EMPTY_LOG, tiles: [] })
  })

  test('cuts bundles and tiles to their beginnings', () => {
    const { tiles } = growLog(EMPTY_LOG, ['a', 'bb', 'ccc'])
    const [bundle, hashes] = tiles
    if (bundle === undefined || hashes === undefined) throw new Error('there are two')
    expect(decodeEntryBundle(cutTile({ level: 'entries', index: 0, width: 2 }, bundle.data))).toEqual([
      bytes('a'),
      bytes('bb'),
    ])
    expect(cutTile({ level: 'entries', index: 0, width: 3 }, bundle.data)).toBe(bundle.data)
    expect(cutTile({ level: 0, index: 0, width: 1 }, hashes.data)).toEqual(hashLeaf(bytes('a')))
    expect(() => cutTile({ level: 'entries', index: 0, width: 4 }, bundle.data)).toThrow('too narrow')
  })
})

describe('the facts of an entry', () => {
  const hash = 'A'.repeat(43)
  test.each([
    ['plain', `{"c":"1.2.156.3088.1.7","h":"${hash}","i":1790000000,"t":"assign","v":1}`],
    [
      'a name with quotes that imitate a hash',
      String.raw`{"c":"x\",\"h\":\"y","h":"${hash}","i":0,"t":"assign","v":1}`,
    ],
  ])('are read from %s', (_, entry) => {
    expect(readEntryFacts(entry)).toEqual({ hash, type: 'assign' })
  })

  test.each([
    ['nothing', ''],
    ['another version', `{"c":"x","h":"${hash}","i":0,"t":"assign","v":2}`],
    ['another order', `{"h":"${hash}","c":"x","i":0,"t":"assign","v":1}`],
    ['a short hash', `{"c":"x","h":"A","i":0,"t":"assign","v":1}`],
    ['something behind', `{"c":"x","h":"${hash}","i":0,"t":"assign","v":1}\n`],
    ['no name', `{"c":"","h":"${hash}","i":0,"t":"assign","v":1}`],
  ])('are none in %s', (_, entry) => {
    expect(readEntryFacts(entry)).toBeUndefined()
  })

  test('the first eight bytes of a hash are a signed number', () => {
    expect(hash64Of(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 1, 2]))).toBe(-2n)
    expect(hash64Of(new Uint8Array([0, 0, 0, 0, 0, 0, 1, 0]))).toBe(256n)
  })

  test('many of those numbers are one array of PostgreSQL, in its binary form', () => {
    const hashes = [1, 2, 3].map((byte) => Buffer.alloc(32, byte))
    const array = hash64Array(hashes.map((each) => each.toString('base64url')))
    const header = [0, 4, 8, 12, 16].map((at) => array.readInt32BE(at))
    expect(header).toEqual([1, 0, 20, 3, 1])
    expect(array).toHaveLength(20 + 3 * 12)
    for (const [nth, each] of hashes.entries()) {
      expect(array.readInt32BE(20 + nth * 12)).toBe(8)
      expect(array.readBigInt64BE(24 + nth * 12)).toBe(hash64Of(each))
    }
    expect(() => hash64Array([])).toThrow('no dimension')
    expect(() => hash64Array(['AAAA'])).toThrow('32 bytes')
  })
})
