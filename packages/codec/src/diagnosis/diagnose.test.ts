import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { diagnose, parseRootPrefix, readCode, readSubject } from '../index.ts'

const FOLDER = new URL('../../../../vectors/codes/', import.meta.url)

interface DialectVector {
  readonly code: string
  readonly dialect: string
  readonly reported: 'valid' | 'invalid' | 'undecided'
  readonly check?: { readonly salt?: string; readonly algorithm?: string }
}

interface DiagnosisCase {
  readonly input: string
  readonly salt_hex?: string
  readonly [member: string]: unknown
}

function load(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
}

const { vectors } = load('dialects.json') as { vectors: readonly DialectVector[] }
const { cases } = load('diagnosis.json') as { cases: readonly DiagnosisCase[] }

/** Where the verdict in the file and ours differ, and why that is right. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ['1.2.156.3088.2.A.B.C.0', 'another program refuses version 2; to us it is well formed and unsupported'],
  [
    '1.2.156.3088.1.1.TTLIHU.LW9WCA.1.0N2P',
    'the file knows the history; from the text, without the salt, nothing follows',
  ],
  ['1.2.156.3088.1.1.CIQJUQ.HELDGD.1.03TO', 'as above'],
  ['1.2.156.3088.1.1.8UDX9U.NNVB61.1.13WT', 'as above'],
  ['1.2.156.3088.1.1.1Z4AXU.YN86QQ.1.186L', 'as above'],
  [
    '1.2.156.3088.0001.00001.000001.0.1.0000',
    'a check of 0000 is possible; without the salt nothing follows',
  ],
])

describe('the codes found in the wild', () => {
  test.each(vectors)('$dialect $code is $reported', ({ code, reported, check }) => {
    const diagnosis = diagnose(code, check?.salt === undefined ? {} : { saltHex: check.salt })
    expect(diagnosis.verdict).toBe(DIFFERENT.has(code) ? 'undecided' : reported)
    expect(diagnosis.input).toBe(code)
    expect(diagnosis.accepted).toBe(readCode(code).kind === 'code')
  })

  test.each(vectors.filter(({ dialect }) => !dialect.startsWith('nonconforming')))(
    '$code is named $dialect',
    (vector) => {
      const named = vector.dialect === 'acps-aic-v1' ? 'acps-aic-v1.0' : vector.dialect
      expect(diagnose(vector.code).readings.map(({ dialect }) => dialect)).toContain(named)
    },
  )

  test.each(vectors.filter(({ check }) => check?.salt !== undefined))(
    'without its salt, the check of $code is undecidable or impossible, never verified',
    ({ code }) => {
      const reasons = diagnose(code).readings.flatMap(({ problems }) => problems.map(({ reason }) => reason))
      expect(reasons.some((reason) => reason === 'check-undecidable' || reason === 'check-too-large')).toBe(
        true,
      )
      expect(reasons).not.toContain('check-mismatch')
    },
  )
})

test.each(cases)('diagnosis of $input', ({ input, salt_hex, ...expected }) => {
  const found = diagnose(input, salt_hex === undefined ? {} : { saltHex: salt_hex })
  const { dialect, accepted, verdict, suggestion, changes } = found
  const readings = found.readings.map((reading) => ({
    dialect: reading.dialect,
    verdict: reading.verdict,
    code: reading.code,
  }))
  const problems = found.problems.map(
    ({ severity, reason, segment, offset }) => `${severity} ${reason} ${segment} ${offset}`,
  )
  expect({ dialect, accepted, verdict, readings, problems, suggestion, changes }).toEqual(expected)
})

describe('a diagnosis', () => {
  test('explains every segment of the example of annex C with its clause, in both languages', () => {
    const [reading] = diagnose('1.2.156.3088.1.1.34C2.478BDF.3GF546').readings
    expect(
      reading?.segments.map(({ segment, text, offset, clause }) => [segment, text, offset, clause]),
    ).toEqual([
      ['prefix', '1.2.156.3088', 0, '5.2'],
      ['version', '1', 13, '5.3'],
      ['provider', '1', 15, '5.4'],
      ['requester', '34C2', 17, '5.5'],
      ['ontology', '478BDF', 22, '5.6 b'],
      ['instance', '3GF546', 29, '5.6 c'],
    ])
    for (const { explain } of reading?.segments ?? []) {
      expect(explain.zh).toMatch(/[\u4e00-\u9fff]/)
      expect(explain.en).toMatch(/[a-z]/)
    }
  })

  test('says that no salt can tell the two layouts apart: the check covers the same characters', () => {
    const found = diagnose('1.2.156.3088.1.34C2.478BDF.3GF546.1.0SEN', { saltHex: '1234' })
    expect(found.dialect).toBe('ambiguous')
    expect(found.readings.map(({ verdict }) => verdict)).toEqual(['valid', 'valid'])
    expect(found.suggestion).toBeNull()
  })

  test('recognises a code whose zeros were stripped, once the salt is given', () => {
    const found = diagnose('1.2.156.3088.1.1.SC64YN.Z5LSGY.1.0NMQ', { saltHex: '0x0000ABCD' })
    expect(found.problems.map(({ reason }) => reason)).toContain('check-zero-stripped')
    expect(found.suggestion).toBe('1.2.156.3088.1.1.1.SC64YN.Z5LSGY')
  })

  test('refuses a salt that is not hexadecimal', () => {
    for (const saltHex of ['', '0x', '1', 'xy', '12 34', 'ab'.repeat(65)]) {
      expect(() => diagnose('1.2.156.3088.1.1.1.1.0', { saltHex })).toThrow(RangeError)
    }
  })

  test('reads codes of a root that is given, and says so', () => {
    const found = diagnose('2.999.7.1.1.34C2.478BDF.0', { prefixes: [parseRootPrefix('2.999.7')] })
    expect([found.accepted, found.verdict, found.readings[0]?.segments[0]?.text]).toEqual([
      true,
      'valid',
      '2.999.7',
    ])
  })

  test('of two codes in one text suggests and reads neither, and says where the second begins', () => {
    const [one, two] = ['1.2.156.3088.1.1.34C2.478BDF.3GF546', '1.2.156.3088.1.1.34C2.478BDF.0']
    for (const between of [
      ' ',
      '\n',
      '\r\n',
      '\t',
      ', ',
      ',',
      ';',
      '，',
      '；',
      '、',
      '|',
      '\u3000',
      '\u200B',
      ' and ',
      '. ',
      ' oid:',
    ]) {
      const found = diagnose(`${one}${between}${two}`)
      const said = [
        between,
        found.accepted,
        found.verdict,
        found.readings,
        found.suggestion,
        found.problems[0]?.reason,
      ]
      expect(said).toEqual([between, false, 'invalid', [], null, 'more-than-one'])
    }
    expect(diagnose(`"${one}", "${two}"`).problems[0]?.offset).toBe(one.length + 5)
    expect(diagnose(`${one}\n`.repeat(9)).problems[0]?.reason).toBe('more-than-one')
    expect(diagnose(`2.999.7.1.1.A.B.0 2.999.7.1.1.A.C.0`).problems[0]?.reason).toBe('more-than-one')
  })

  test('never joins symbols across white space, and takes white space away beside a dot', () => {
    for (const split of ['3GF546 1', '3GF 546', '3GF546 agent', '3GF\n546', '3GF\u200B 546']) {
      const found = diagnose(`1.2.156.3088.1.1.34C2.478BDF.${split}`)
      expect([found.suggestion, found.readings]).toEqual([null, []])
    }
    for (const spaced of [
      '1.2.156.3088.1.1.34C2. 478BDF.3GF546',
      '1.2.156.3088 .1.1.34C2 . 478BDF.3GF546\n',
      '1. 2. 156. 3088. 1. 1. 34C2. 478BDF. 3GF546',
      'OID: 1.2.156.3088.1.1.34C2.478BDF.3GF546',
    ]) {
      expect(diagnose(spaced).suggestion).toBe('1.2.156.3088.1.1.34C2.478BDF.3GF546')
    }
  })

  test('never throws, keeps the input, and suggests only what the reader accepts or a code prefix', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(fc.constantFrom('1', '0', 'A', 'z', '.', '.', ' ', '\u3000', '１', ':'), { maxLength: 60 })
        .map((c) => `1.2.156.3088.${c.join('')}`),
      fc
        .array(fc.constantFrom('1', '0', 'A', '.', 'oid:', 'urn:', '/'), { maxLength: 40 })
        .map((c) => c.join('')),
    )
    fc.assert(
      fc.property(text, (input) => {
        const found = diagnose(input)
        expect(found.input).toBe(input)
        expect(found.accepted).toBe(readCode(input).kind === 'code')
        const { suggestion } = found
        expect({
          keptWhenAccepted: !found.accepted || suggestion === input.toUpperCase(),
          explainedWhenNot: found.accepted || found.problems.length > 0,
          suggestsWhatReads: suggestion === null || readSubject(suggestion).kind !== 'malformed',
          saysWhatChanged: suggestion === null || suggestion === input || found.changes.length > 0,
        }).toEqual({
          keptWhenAccepted: true,
          explainedWhenNot: true,
          suggestsWhatReads: true,
          saysWhatChanged: true,
        })
      }),
      { numRuns: 5000 },
    )
  })
})
