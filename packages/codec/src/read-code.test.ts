import { describe, expect, test } from 'vitest'

import {
  asInstanceNumber,
  asOntologyNumber,
  asProviderNumber,
  asRequesterNumber,
  asSchemeVersion,
  CodeSyntaxError,
  CURRENT_VERSION,
  explainMalformation,
  formatSegment,
  isCodeUnderAnyRoot,
  isProviderWidthDisputed,
  isSupportedVersion,
  MALFORMATION_REASONS,
  MAX,
  parseCode,
  parseInstanceNumber,
  parseOntologyNumber,
  parsePrefix,
  parseProviderNumber,
  parseRequesterNumber,
  parseRootPrefix,
  parseSubject,
  readCode,
  readPrefix,
  readRootPrefix,
  readSegment,
  readSubject,
} from './index.ts'

const EXAMPLE = '1.2.156.3088.1.1.34C2.478BDF.3GF546'

describe('reading', () => {
  test('answers the input itself when it is canonical', () => {
    expect(readCode(EXAMPLE)).toHaveProperty('text', EXAMPLE)
    expect(readCode(EXAMPLE.toLowerCase())).toHaveProperty('text', EXAMPLE)
  })

  test('refuses what is not text, as JavaScript may pass it, without throwing', () => {
    for (const input of [undefined, null, 1, {}, [], Symbol('x')] as unknown as string[]) {
      for (const read of [readCode, readPrefix, readSubject]) {
        expect(read(input)).toEqual({
          kind: 'malformed',
          reason: 'not-text',
          segment: 'code',
          offset: 0,
          clause: '5.1',
        })
      }
    }
  })

  test('throws from the parse functions, with the malformation and never the input in the message', () => {
    const input = '1.2.156.3088.1.01.SECRET.1.0'
    expect(() => parseCode(input)).toThrow(CodeSyntaxError)
    for (const parse of [parseCode, parsePrefix, parseSubject]) {
      expect(() => parse(input)).toThrow(
        expect.objectContaining({
          name: 'CodeSyntaxError',
          message: 'leading-zero: provider at offset 15 (GB/Z 185.2 5.4)',
          input,
          malformation: {
            kind: 'malformed',
            reason: 'leading-zero',
            segment: 'provider',
            offset: 15,
            clause: '5.4',
          },
        }),
      )
    }
  })

  test('reads code prefixes of both levels, and refuses a code as one', () => {
    expect(readPrefix('1.2.156.3088.1.zz')).toMatchObject({
      level: 'provider',
      text: '1.2.156.3088.1.ZZ',
      requester: 0,
    })
    expect(readPrefix('1.2.156.3088.1.1.34c2')).toMatchObject({ level: 'requester', requester: 145_586 })
    expect(readPrefix(EXAMPLE)).toMatchObject({ reason: 'segment-extra', offset: 21 })
    expect(readPrefix('1.2.156.3088.1')).toMatchObject({ reason: 'segment-missing', segment: 'provider' })
    expect(readSubject('1.2.156.3088.1.1.34C2.478BDF')).toMatchObject({
      reason: 'segment-missing',
      segment: 'instance',
    })
  })

  test('tells unsupported versions from malformed ones', () => {
    expect(isSupportedVersion(parseCode(EXAMPLE).version)).toBe(true)
    expect(isSupportedVersion(parseCode('1.2.156.3088.z.1.1.1.0').version)).toBe(false)
    expect(isSupportedVersion(asSchemeVersion(2))).toBe(false)
    expect(CURRENT_VERSION).toBe(1)
  })

  test('parses providers of six symbols and says that their width is disputed', () => {
    expect(isProviderWidthDisputed(parseCode('1.2.156.3088.1.ZZZZZ.1.1.0').provider)).toBe(false)
    expect(isProviderWidthDisputed(parseCode('1.2.156.3088.1.100000.1.1.0').provider)).toBe(true)
  })
})

describe('other roots', () => {
  const prefixes = ['2.999', '2.999.1', '1.2.156.3088'].map(parseRootPrefix)

  test('are known only when they are given, and then all that are known', () => {
    expect(readCode('2.999.1.1.1.1.0')).toMatchObject({ reason: 'prefix-unknown' })
    expect(readCode(EXAMPLE, { prefixes: [parseRootPrefix('2.999')] })).toMatchObject({
      reason: 'prefix-unknown',
      offset: 0,
    })
    expect(readCode(EXAMPLE, { prefixes: [] })).toMatchObject({ reason: 'prefix-unknown' })
  })

  test('are matched by whole arcs, the longest one', () => {
    expect(readCode('2.999.2.1.1.1.0', { prefixes })).toMatchObject({ prefix: '2.999', version: 2 })
    expect(readCode('2.999.1.2.1.1.1.0', { prefixes })).toMatchObject({ prefix: '2.999.1', version: 2 })
    expect(readCode('2.9991.1.1.1.1.0', { prefixes })).toMatchObject({ reason: 'prefix-unknown', offset: 5 })
    expect(readCode('2.999', { prefixes })).toMatchObject({
      reason: 'segment-missing',
      segment: 'version',
      offset: 5,
    })
  })

  test.each([
    ['', 'empty', 0],
    ['1', 'segment-missing', 1],
    ['3.1', 'prefix-not-oid', 0],
    ['10.1', 'prefix-not-oid', 0],
    ['0.40', 'prefix-not-oid', 2],
    ['1.40', 'prefix-not-oid', 2],
    ['1.02', 'leading-zero', 2],
    ['1..2', 'empty-segment', 2],
    ['1.2.', 'empty-segment', 4],
    ['.1.2', 'empty-segment', 0],
    ['1.2.A', 'character', 4],
    ['1.2 .3', 'space', 3],
    [`1.2.${'9'.repeat(97)}`, 'too-long', 100],
  ])('the prefix %j is refused as %s at %i', (text, reason, offset) => {
    expect(readRootPrefix(text)).toMatchObject({
      kind: 'malformed',
      reason,
      offset,
      segment: 'prefix',
      clause: '5.2',
    })
    expect(() => parseRootPrefix(text)).toThrow(CodeSyntaxError)
  })

  test.each(['0.0', '0.39', '1.39', '2.40', '2.999', '1.2.156.3088', `2.25.${'9'.repeat(39)}`])(
    'the prefix %s is accepted',
    (text) => {
      expect(parseRootPrefix(text)).toBe(text)
    },
  )
})

describe('opaque custom serials', () => {
  const read = (text: string): unknown => readCode(text, { customSerial: 'opaque' })

  test('leave the recommended shape what it is', () => {
    expect(read(EXAMPLE)).toEqual(readCode(EXAMPLE))
  })

  test('keep one to four segments letter by letter, in upper case, marked as departing', () => {
    expect(read('1.2.156.3088.1.1.34c2.0478bdf.000')).toEqual({
      kind: 'opaque',
      text: '1.2.156.3088.1.1.34C2.0478BDF.000',
      prefix: '1.2.156.3088',
      version: 1,
      provider: 1,
      requester: 145_586,
      serial: ['0478BDF', '000'],
      departing: true,
    })
    expect(read('1.2.156.3088.1.1.34C2.X')).toMatchObject({ serial: ['X'] })
    expect(read('1.2.156.3088.1.1.34C2.A.B.C.D')).toMatchObject({ serial: ['A', 'B', 'C', 'D'] })
    expect(read(`1.2.156.3088.1.1.34C2.${'z'.repeat(32)}`)).toMatchObject({ serial: ['Z'.repeat(32)] })
  })

  test.each([
    ['1.2.156.3088.1.1.34C2', 'segment-missing', 'serial', 21],
    ['1.2.156.3088.1.1.34C2.', 'empty-segment', 'serial', 22],
    ['1.2.156.3088.1.1.34C2.A..B', 'empty-segment', 'serial', 24],
    ['1.2.156.3088.1.1.34C2.A.B.C.', 'empty-segment', 'serial', 28],
    ['1.2.156.3088.1.1.34C2.A.B.C.D.E', 'segment-extra', 'extra', 29],
    ['1.2.156.3088.1.1.34C2.A.B.C.D.', 'empty-segment', 'extra', 30],
    ['1.2.156.3088.1.1.34C2.A_.B.C', 'character', 'serial', 23],
    ['1.2.156.3088.1.1.34C2.A B', 'space', 'serial', 23],
    [`1.2.156.3088.1.1.34C2.${'Z'.repeat(33)}`, 'segment-too-long', 'serial', 54],
    ['1.2.156.3088.1.0.34C2.A', 'zero', 'provider', 15],
    ['1.2.156.3088.1.1.034C2.A', 'leading-zero', 'requester', 17],
    ['1.2.840.1.1.1.A', 'prefix-unknown', 'prefix', 4],
  ])('refuse %s: %s in %s at %i', (text, reason, segment, offset) => {
    expect(read(text)).toMatchObject({ kind: 'malformed', reason, segment, offset })
  })
})

describe('segments on their own', () => {
  test('are read in any case up to their greatest number', () => {
    expect(parseProviderNumber('zzzzz')).toBe(MAX.provider)
    expect(parseProviderNumber('ZZZZZZ')).toBe(MAX.providerParsed)
    expect(parseRequesterNumber('ZZZZZZ')).toBe(MAX.requester)
    expect(parseOntologyNumber('ZZZZZZZZZ')).toBe(MAX.ontology)
    expect(parseInstanceNumber('zzzzzzzzz')).toBe(MAX.instance)
    expect(parseInstanceNumber('0')).toBe(0)
    expect(readSegment('version', 'z')).toBe(35)
  })

  test.each([
    ['provider', '', 'empty', 0],
    ['provider', '0', 'zero', 0],
    ['provider', '01', 'leading-zero', 0],
    ['provider', '1234567', 'segment-too-long', 6],
    ['requester', '0', 'zero', 0],
    ['ontology', '0', 'zero', 0],
    ['ontology', '1234567890', 'segment-too-long', 9],
    ['instance', '00', 'leading-zero', 0],
    ['instance', '1.2', 'character', 1],
    ['instance', '.', 'character', 0],
    ['instance', '0.', 'character', 1],
    ['instance', 'A ', 'space', 1],
    ['version', '0', 'zero', 0],
    ['version', '11', 'segment-too-long', 1],
    ['requester', '\u212a', 'character', 0],
  ] as const)('the %s %j is refused as %s at %i', (segment, text, reason, offset) => {
    expect(readSegment(segment, text)).toMatchObject({ kind: 'malformed', reason, segment, offset })
  })

  test('are refused as numbers outside their range', () => {
    const outside = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, MAX.instance + 1]
    for (const n of outside) {
      for (const as of [
        asProviderNumber,
        asRequesterNumber,
        asOntologyNumber,
        asInstanceNumber,
        asSchemeVersion,
        formatSegment,
      ]) {
        expect(() => as(n)).toThrow(RangeError)
      }
    }
    for (const as of [asProviderNumber, asRequesterNumber, asOntologyNumber, asSchemeVersion])
      expect(() => as(0)).toThrow(RangeError)
    expect(asInstanceNumber(0)).toBe(0)
    expect(() => asRequesterNumber(MAX.requester + 1)).toThrow(RangeError)
    expect(() => asSchemeVersion(36)).toThrow(RangeError)
  })
})

test('every reason is explained in both languages', () => {
  for (const reason of MALFORMATION_REASONS) {
    const { zh, en } = explainMalformation({
      kind: 'malformed',
      reason,
      segment: 'provider',
      offset: 0,
      clause: '5.4',
    })
    expect(zh).toMatch(/^智能体身份注册服务方：./)
    expect(en).toMatch(/^the provider: ./)
  }
})

test.each([
  ['1.2.840.99.1.1.1.1.1', true],
  ['2.16.1.1.34C2', true],
  ['1.2.156.3088.1.1.34C2.478BDF.3GF546', true],
  ['nonsense', false],
  ['', false],
  ['1.2', false],
  ['1.2.840.99.1.01.1.1.1', false],
  ['.'.repeat(40), false],
])('tells a code of some root from what is no code: %j', (text, expected) => {
  expect(isCodeUnderAnyRoot(text)).toBe(expected)
})
