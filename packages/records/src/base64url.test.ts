import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { decodeBase64url, encodeBase64url } from './base64url.ts'

describe('base64url', () => {
  test('agrees with the platform and decodes what it encodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64url(text)).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  test('encodes more than one argument list holds', () => {
    const bytes = new Uint8Array(200_000).fill(7)
    expect(encodeBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
  })

  test('has one spelling for any bytes: whatever decodes re-encodes to itself', () => {
    const symbols = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n.é']
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...symbols), maxLength: 12 }), (text) => {
        const bytes = decodeBase64url(text)
        expect(bytes === undefined ? text : encodeBase64url(bytes)).toBe(text)
      }),
    )
  })

  test.each(['A', 'AAAAA', 'AB', 'AAB', 'AA==', 'AA\n', ' AAAA', 'AA+A', 'AA/A', 'ＡAAA', 'AAA\u0100'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )

  test('accepts exactly one of the sixteen last symbols of a 64-byte signature', () => {
    const symbols = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    const accepted = symbols
      .slice(0, 16)
      .filter((last) => decodeBase64url('A'.repeat(85) + last) !== undefined)
    expect(accepted).toEqual(['A'])
  })
})
