import { describe, expect, test } from 'vitest'

import { createResponseReader, type ReadResponse } from './response-reader.ts'

const CREATED =
  'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"code":"1"}'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'

/** Feeds the text in pieces of `size` bytes; answers what was said after each. */
function feed(text: string, size: number): (ReadResponse | undefined)[] {
  const reader = createResponseReader()
  const bytes = Buffer.from(text, 'latin1')
  const said: (ReadResponse | undefined)[] = []
  for (let at = 0; at < bytes.length; at += size) said.push(reader.push(bytes.subarray(at, at + size)))
  return said
}

describe('a response', () => {
  test('that comes at once is read, with what its body begins with', () => {
    expect(feed(CREATED, CREATED.length)).toEqual([{ status: 201, start: CREATED }])
  })

  test.each([1, 3, 7, 60])('in pieces of %d bytes is whole at its last byte and not before', (size) => {
    for (const text of [CREATED, CHUNKED]) {
      const said = feed(text, size)
      expect(said.at(-1)?.status).toBe(text === CREATED ? 201 : 200)
      expect(said.slice(0, -1).every((one) => one === undefined)).toBe(true)
    }
  })

  test('larger than one piece is counted, not kept', () => {
    const body = 'x'.repeat(100_000)
    const said = feed(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`, 65_536)
    expect(said.map((one) => one?.status)).toEqual([undefined, 200])
  })

  test('without a body ends with its head', () => {
    expect(feed('HTTP/1.1 304 Not Modified\r\netag: "1"\r\n\r\n', 1000)[0]?.status).toBe(304)
    expect(feed('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n', 1000)[0]?.status).toBe(503)
  })

  test('follows another on the same connection', () => {
    const reader = createResponseReader()
    for (const text of [CREATED, CHUNKED, CREATED])
      expect(reader.push(Buffer.from(text))?.status).toBeGreaterThan(199)
  })
})

describe('it is refused', () => {
  test.each([
    ['what is no response', 'SSH-2.0-x\r\n\r\n'],
    ['a body whose end nobody knows', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ['bytes that nobody asked for', `${CREATED}HTTP/1.1 200 OK`],
    ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(10_000)}`],
  ])('%s', (_, text) => {
    expect(() => feed(text, text.length)).toThrow(Error)
  })
})
