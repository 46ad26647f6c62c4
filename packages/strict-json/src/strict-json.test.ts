import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { JSON_DEPTH_MAX, StrictJsonError, parseStrictJson } from './strict-json.ts'

function faultOf(text: string): string {
  try {
    parseStrictJson(text)
    return 'none'
  } catch (error) {
    return error instanceof StrictJsonError ? error.fault : 'another error'
  }
}

describe('strict JSON', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        fc.pre(!text.includes('__proto__'))
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('answers any text with a value or its own error', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,"\\u0061ab 1-e.truefalsn\n') }), (text) => {
        expect(faultOf(text)).not.toBe('another error')
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    '{"a":1,"a":2}',
    String.raw`{"a":1,"\u0061":2}`,
    '{"a":{"b":1,"c":[],"b":2}}',
    '[{"a":1},{"a":1,"a":1}]',
    '{"":1,"":2}',
    String.raw`{"a\"b":1,"a\u0022b":2}`,
  ])('refuses the repeated member of %s', (text) => {
    expect(faultOf(text)).toBe('json-duplicate-member')
  })

  test.each([
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"b","b":"a"}',
    '{"a":["a","a"]}',
    '"a"',
    '{}',
    ' [ ] ',
  ])('accepts %s', (text) => {
    expect(faultOf(text)).toBe('none')
  })

  test.each([
    '',
    '{',
    '{"a":1',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '{"a":1,}',
    '[1,]',
    '"a',
    '"\\',
    '{"a":01}',
    '\uFEFF{}',
    '}',
    ',',
    '{"__proto__":1}',
  ])('refuses %j as no JSON of ours', (text) => {
    expect(faultOf(text)).toBe('json-invalid')
  })

  test.each(['{"a":"x\\u0000"}', '["\\ud800"]', '["\\udc00\\ud800"]', '{"\\u0000":1}', '["\ud800"]'])(
    'refuses %j, which no database can keep',
    (text) => {
      expect(faultOf(text)).toBe('json-invalid')
    },
  )

  test.each(['["\\ud83d\\ude00"]', '["😀"]', '["\\u0001"]', '["\\\\u0000"]', '["\\u4e2d"]'])(
    'takes %j',
    (text) => {
      expect(faultOf(text)).toBe('none')
    },
  )

  test('bounds depth and length', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(faultOf(nested(JSON_DEPTH_MAX))).toBe('none')
    expect(faultOf(nested(JSON_DEPTH_MAX + 1))).toBe('json-too-deep')
    expect(faultOf(nested(1_000_000))).toBe('json-too-large')
  })
})
