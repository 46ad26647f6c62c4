import { describe, expect, test } from 'vitest'

import { createRequests } from './request-source.ts'

const FILE = 'codes.txt'

describe('requests', () => {
  test('without columns are the same again and again', () => {
    const next = createRequests({ pieces: ['GET /'] }, [''], 'r')
    expect([next(), next()]).toEqual(['GET /', 'GET /'])
  })

  test('take a line each, and end with the lines', () => {
    const next = createRequests({ pieces: ['<', '>'], file: FILE }, ['a', 'b'], 'r')
    expect([next(), next(), next(), next()]).toEqual(['<a>', '<b>', undefined, undefined])
  })

  test('begin again at the first line where that is wished', () => {
    const next = createRequests({ pieces: ['<', '>'], file: FILE, repeat: true }, ['a', 'b'], 'r')
    expect([next(), next(), next()]).toEqual(['<a>', '<b>', '<a>'])
  })

  test('have a column between each two pieces, and a key of their own after the last', () => {
    const template = { pieces: ['1', '2', '3', '4'], file: FILE, repeat: true, uniqueKey: true }
    const next = createRequests(template, ['x\ty'], 'run')
    expect([next(), next()]).toEqual(['1x2y3run-04', '1x2y3run-14'])
  })

  test('are refused where pieces and columns do not fit', () => {
    expect(() => createRequests({ pieces: ['1'], file: FILE }, ['x'], 'r')).toThrow(/do not fit/)
    expect(() => createRequests({ pieces: ['1', '2'], uniqueKey: false }, [''], 'r')).toThrow(/do not fit/)
    expect(() => createRequests({ pieces: ['1', '2'], file: FILE }, [], 'r')).toThrow(/do not fit/)
  })
})
