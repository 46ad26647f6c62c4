import { describe, expect, test } from 'vitest'

import { hashTokenSecret, isTokenSecret, mintApiToken, readApiToken } from './api-token.ts'

const counted = (length: number) => Uint8Array.from({ length }, (_, index) => index)
const TOKEN = `arc3088_${'i'.repeat(22)}_${'s'.repeat(43)}`

describe('API tokens', () => {
  test('carry 128 bits of id and 256 of secret, and read back as minted', () => {
    const asked: number[] = []
    const token = mintApiToken((length) => {
      asked.push(length)
      return counted(length)
    })
    expect(asked).toEqual([16, 32])
    expect(token.text).toMatch(/^arc3088_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{43}$/)
    expect(readApiToken(token.text)).toEqual(token)
  })

  test('are split by length, since both halves may hold an underscore', () => {
    const text = `arc3088_${'_'.repeat(22)}_${'_'.repeat(43)}`
    expect(readApiToken(text)).toEqual({ id: '_'.repeat(22), secret: '_'.repeat(43), text })
  })

  test.each([
    ['nothing', ''],
    ['another prefix', TOKEN.replace('arc3088', 'ghp')],
    ['a short id', TOKEN.replace('ii', 'i')],
    ['a long secret', `${TOKEN}s`],
    ['padding', `${TOKEN}=`],
    ['a newline at the end', `${TOKEN}\n`],
    ['a space in front', ` ${TOKEN}`],
    ['a symbol of the other base64', TOKEN.replace('s', '+')],
  ])('are not read from %s', (_, text) => {
    expect(readApiToken(text)).toBeUndefined()
  })

  test('are known by the hash of their secret, and by nothing shorter or near it', () => {
    const hash = hashTokenSecret('secret')
    expect(hash).toHaveLength(32)
    expect(isTokenSecret('secret', hash)).toBe(true)
    expect(isTokenSecret('secreT', hash)).toBe(false)
    expect(isTokenSecret('secret', hash.slice(0, 31))).toBe(false)
    expect(isTokenSecret('secret', new Uint8Array())).toBe(false)
  })

  test('are compared by the whole hash, wherever it differs', () => {
    const hash = hashTokenSecret('secret')
    for (const place of hash.keys()) {
      const other = hash.map((byte, index) => (index === place ? byte ^ 1 : byte))
      expect(isTokenSecret('secret', other)).toBe(false)
    }
  })
})
