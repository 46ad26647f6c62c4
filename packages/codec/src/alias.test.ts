import { describe, expect, test } from 'vitest'

import {
  aliasDnsName,
  checkMark,
  CodeSyntaxError,
  createCodeBatch,
  fromAlias,
  malformationAt,
  mod37x36,
  parseCode,
  parsePrefix,
  readCodes,
  toAlias,
  verifyCheckMark,
} from './index.ts'

const example = parseCode('1.2.156.3088.1.1.34C2.478BDF.3GF546')

describe('the numeric alias', () => {
  test('puts the marker arc 0 between root prefix and version', () => {
    expect(toAlias(example)).toBe('1.2.156.3088.0.1.1.145586.254010003.208978854')
    expect(fromAlias('1.2.156.3088.0.1.1.145586')).toEqual(parsePrefix('1.2.156.3088.1.1.34C2'))
    expect(() => fromAlias('1.2.156.3088.1.1')).toThrow(CodeSyntaxError)
  })

  test('has a DNS name that lies below those of requester and provider', () => {
    const name = aliasDnsName(example, 'aic.example')
    expect(name).toBe('208978854.254010003.145586.1.1.0.aic.example')
    expect(name.endsWith(`.${aliasDnsName(parsePrefix('1.2.156.3088.1.1.34C2'), 'AIC.example')}`)).toBe(true)
    expect(name.endsWith(`.${aliasDnsName(parsePrefix('1.2.156.3088.1.1'), 'aic.example')}`)).toBe(true)
    expect(aliasDnsName(example, '_agents.3088.156.2.1.example')).toMatch(/^208978854\.[0-9.]+\.0\._agents\./)
  })

  test.each([
    '',
    '.',
    'example.',
    '.example',
    'a..b',
    '-a.example',
    'a-.example',
    'a b',
    '例子',
    `${'a'.repeat(64)}.example`,
    'a_b',
  ])('has no DNS name below the apex %j', (apex) => {
    expect(() => aliasDnsName(example, apex)).toThrow(RangeError)
  })

  test('has no DNS name of more than 253 characters', () => {
    const own = aliasDnsName(example, 'x').length - 1
    const apex = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.`
    const fits = apex + 'd'.repeat(253 - own - apex.length)
    expect(aliasDnsName(example, fits)).toHaveLength(253)
    expect(() => aliasDnsName(example, `${fits}d`)).toThrow(RangeError)
  })
})

/** ISO 7064 hybrid systems as the standard describes them, one step at a time. */
function naiveCheckSymbol(symbols: string): string {
  let product = 36
  for (const symbol of symbols) {
    const sum = (Number.parseInt(symbol, 36) + product) % 36 || 36
    product = (sum * 2) % 37
  }
  const check = [...Array(36).keys()].find((value) => (product + value) % 36 === 1)
  return (check ?? 0).toString(36).toUpperCase()
}

describe('the check mark', () => {
  test('agrees with the definition: the check symbol brings the last sum to 1', () => {
    for (let n = 0; n < 3000; n++) {
      const symbols = (n * 1_000_003 * 7919).toString(36).toUpperCase()
      expect(mod37x36(symbols)).toBe(naiveCheckSymbol(symbols))
    }
    expect(checkMark(example)).toBe(naiveCheckSymbol(example.text.replaceAll('.', '')))
  })

  test('finds every single wrong symbol', () => {
    const mark = checkMark(example)
    for (let at = 15; at < example.text.length; at++) {
      for (const symbol of '123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
        if (example.text[at] === '.' || example.text[at] === symbol) continue
        const wrong = parseCode(example.text.slice(0, at) + symbol + example.text.slice(at + 1))
        expect(verifyCheckMark(wrong, mark)).toBe(false)
      }
    }
  })

  test('refuses what is not one symbol', () => {
    for (const mark of ['', '!', ' ', `${checkMark(example)} `, 'ſ'])
      expect(verifyCheckMark(example, mark)).toBe(false)
    expect(() => mod37x36('A-1')).toThrow(RangeError)
  })
})

describe('a batch', () => {
  test('stops when it is full and goes on where it stopped', () => {
    const bytes = new TextEncoder().encode('1.2.156.3088.1.1.1.1.1\nnone\n1.2.156.3088.1.1.1.1.3')
    const batch = createCodeBatch(2)
    const first = readCodes(bytes, batch)
    expect([first, batch.count, ...batch.accepted, batch.instances[0]]).toEqual([28, 2, 1, 0, 1])
    expect(malformationAt(bytes, batch, 1)).toMatchObject({ reason: 'prefix-unknown' })
    expect(malformationAt(bytes, batch, 0)).toBeUndefined()
    expect(readCodes(bytes.subarray(first), batch)).toBe(bytes.length - first)
    expect([batch.count, batch.instances[0]]).toEqual([1, 3])
    expect(() => malformationAt(bytes, batch, 1)).toThrow(RangeError)
  })

  test('reads nothing from no bytes, and refuses lines that are not UTF-8 or have no end', () => {
    const batch = createCodeBatch(4)
    expect([readCodes(new Uint8Array(), batch), batch.count]).toEqual([0, 0])
    const bytes = new Uint8Array(5000).fill(0xff)
    expect([readCodes(bytes, batch), batch.count, batch.accepted[0]]).toEqual([5000, 1, 0])
    expect(malformationAt(bytes, batch, 0)).toMatchObject({ reason: 'too-long' })
  })

  test('has a bounded number of rows', () => {
    for (const capacity of [0, -1, 1.5, 1_048_577, Number.NaN])
      expect(() => createCodeBatch(capacity)).toThrow(RangeError)
  })
})
