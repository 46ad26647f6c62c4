import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as browser from './base64-text.browser.ts'
import * as node from './base64-text.node.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { formatProofLines, parseProofLines } from './proof-lines.ts'

describe('base64', () => {
  test('is the same text in node and in a browser, and goes round', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = node.toBase64(bytes)
        expect(browser.toBase64(bytes)).toBe(text)
        expect([...node.fromBase64(text)]).toEqual([...bytes])
        expect([...browser.fromBase64(text)]).toEqual([...bytes])
        expect([...(decodeBase64(text) ?? [])]).toEqual([...bytes])
      }),
    )
  })

  test('of a part of a larger buffer is that of the part', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6).subarray(2, 5)
    expect(encodeBase64(bytes)).toBe('AwQF')
  })

  test.each(['AwQ', 'AwQ=\n', 'AwR=', 'A===', 'Aw==AwQF', 'Aw-_', 'AwQF ', '====', 'Aw=='.slice(0, 3)])(
    'is refused in another spelling: %j',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined()
    },
  )
})

test('the lines of a proof are each the base64 of a hash', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 63 }), (hashes) => {
      const lines = formatProofLines(hashes)
      expect(lines).toBe(hashes.map((each) => `${encodeBase64(each)}\n`).join(''))
      expect(parseProofLines(lines.split('\n').slice(0, -1))?.map((each) => [...each])).toEqual(
        hashes.map((each) => [...each]),
      )
    }),
  )
})
