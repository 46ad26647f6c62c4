import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import {
  aliasDnsName,
  checkMark,
  createCodeBatch,
  diagnose,
  fromAlias,
  HOME_PREFIX,
  MALFORMATION_REASONS,
  malformationAt,
  mod37x36,
  parseCode,
  parseSubject,
  readAlias,
  readCode,
  readCodes,
  toAlias,
  verifyCheckMark,
} from './index.ts'

const FOLDER = new URL('../../../vectors/codes/', import.meta.url)

/** The cases of a file: its lines without comments and empty lines, split at TAB. */
function rowsOf(file: string): readonly (readonly string[])[] {
  return readFileSync(new URL(file, FOLDER), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
}

function textOf(json: string | undefined): string {
  const text: unknown = JSON.parse(json ?? '')
  if (typeof text !== 'string') throw new Error(`not a JSON string: ${json}`)
  return text
}

describe('vectors/codes', () => {
  test('accepts every valid code with its canonical spelling, level and numbers', () => {
    const rows = rowsOf('codes_valid.txt')
    expect(rows.length).toBeGreaterThan(40)
    for (const [input = '', text, level, ...numbers] of rows) {
      const [version, provider, requester, ontology, instance] = numbers.map(Number)
      const read = parseCode(input)
      expect(read).toEqual({
        kind: 'code',
        prefix: HOME_PREFIX,
        text,
        level,
        version,
        provider,
        requester,
        ontology,
        instance,
      })
    }
  })

  test('refuses every invalid code for its reason, at its place', () => {
    const rows = rowsOf('codes_invalid.txt')
    expect(rows.length).toBeGreaterThan(150)
    for (const [reason, segment, offset, clause, json] of rows) {
      expect(readCode(textOf(json))).toEqual({
        kind: 'malformed',
        reason,
        segment,
        offset: Number(offset),
        clause,
      })
    }
  })

  test('holds at least one line for every reason that a text can be refused for', () => {
    const reasons = new Set(
      [...rowsOf('codes_invalid.txt'), ...rowsOf('aliases_invalid.txt')].map(([reason]) => reason),
    )
    const elsewhere = new Set(['not-text', 'prefix-not-oid'])
    expect(MALFORMATION_REASONS.filter((reason) => !reasons.has(reason) && !elsewhere.has(reason))).toEqual(
      [],
    )
  })

  test('reads the same from a file of bytes', () => {
    const valid = rowsOf('codes_valid.txt').map(([input = '']) => input)
    const invalid = rowsOf('codes_invalid.txt').map(([, , , , json]) => textOf(json))
    const lines = [...valid, ...invalid].filter((text) => !/[\n\r\ud800-\udfff]/.test(text))
    const bytes = new TextEncoder().encode(lines.join('\n'))
    const batch = createCodeBatch(lines.length)
    expect(readCodes(bytes, batch)).toBe(bytes.length)
    expect(batch.count).toBe(lines.length)
    for (const [row, line] of lines.entries()) {
      const read = readCode(line)
      expect(malformationAt(bytes, batch, row)).toEqual(read.kind === 'malformed' ? read : undefined)
      expect(batch.accepted[row]).toBe(read.kind === 'code' ? 1 : 0)
    }
  })

  test('names both readings of every ambiguous text, and suggests neither', () => {
    for (const [input = '', older, newer] of rowsOf('codes_ambiguous.txt')) {
      const diagnosis = diagnose(input)
      expect(diagnosis.dialect).toBe('ambiguous')
      expect(diagnosis.ambiguous).toBe(true)
      expect(diagnosis.readings.map(({ dialect, code }) => [dialect, code])).toEqual([
        ['acps-aic-v2.0', older === '-' ? null : older],
        ['acps-aic-v2.1', newer === '-' ? null : newer],
      ])
      expect(diagnosis.suggestion).toBeNull()
    }
  })

  test('gives every alias and its DNS name, and reads it back', () => {
    for (const [text = '', alias = '', name] of rowsOf('aliases.txt')) {
      const subject = parseSubject(text)
      expect(toAlias(subject)).toBe(alias)
      expect(fromAlias(alias)).toEqual(subject)
      expect(aliasDnsName(subject, 'aic.example')).toBe(name)
    }
  })

  test('refuses every invalid alias for its reason, at its place', () => {
    for (const [reason, segment, offset, clause, json] of rowsOf('aliases_invalid.txt')) {
      expect(readAlias(textOf(json))).toEqual({
        kind: 'malformed',
        reason,
        segment,
        offset: Number(offset),
        clause,
      })
    }
  })

  test('computes every check mark, of published identifiers and of codes', () => {
    for (const [symbols = '', mark = ''] of rowsOf('check_marks.txt')) {
      expect(mod37x36(symbols)).toBe(mark)
      if (!symbols.startsWith(HOME_PREFIX)) continue
      expect(checkMark(parseSubject(symbols))).toBe(mark)
      expect(verifyCheckMark(parseSubject(symbols), mark.toLowerCase())).toBe(true)
    }
  })
})
