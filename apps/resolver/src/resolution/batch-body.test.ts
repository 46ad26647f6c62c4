import { expect, test } from 'vitest'

import { readBatch, readBatchMediaType } from './batch-body.ts'

test('reads an array and lines alike, bare codes and objects mixed', () => {
  const codes = ['a', 'b', 'c']
  expect(readBatch('application/json', '["a", {"code": "b"}, "c"]')).toEqual(codes)
  expect(readBatch('application/x-ndjson', '"a"\n{"code": "b"}\r\n"c"')).toEqual(codes)
  expect(readBatch('application/x-ndjson', '"a"\n{"code": "b"}\n"c"\n')).toEqual(codes)
})

test('reads nothing as an empty batch of lines', () => {
  expect(readBatch('application/x-ndjson', '')).toEqual([])
})

test.each([
  ['application/json', '{"code": "a"}', 'no array'],
  ['application/json', '["a", 1]', 'Item 2'],
  ['application/json', '[{"code": "a", "at": 1}]', 'Item 1'],
  ['application/json', '[{"code": "a", "code": "b"}]', 'twice'],
  ['application/json', '', 'The body'],
  ['application/x-ndjson', '"a"\nb', 'Line 2'],
  ['application/x-ndjson', '"a"\n\n"b"', 'Line 2'],
  ['application/x-ndjson', '"a"\nnull', 'Item 2'],
] as const)('refuses %s %j', (mediaType, body, why) => {
  expect(() => readBatch(mediaType, body)).toThrow(why)
})

test('takes a thousand codes and not one more', () => {
  const lines = (count: number) => Array.from({ length: count }, () => '"a"').join('\n')
  expect(readBatch('application/x-ndjson', `${lines(1000)}\n`)).toHaveLength(1000)
  expect(() => readBatch('application/x-ndjson', lines(1001))).toThrow('at most 1000')
  expect(() => readBatch('application/json', `[${lines(1001).replaceAll('\n', ',')}]`)).toThrow(
    'at most 1000',
  )
})

test('knows its media types with parameters and in any case, and no others', () => {
  expect(readBatchMediaType('Application/JSON; charset=utf-8')).toBe('application/json')
  expect(readBatchMediaType('application/x-ndjson')).toBe('application/x-ndjson')
  for (const other of [undefined, '', 'text/plain', 'application/problem+json'])
    expect(() => readBatchMediaType(other)).toThrow('Send application/json')
})
