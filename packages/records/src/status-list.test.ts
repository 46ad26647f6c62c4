import { deflateSync } from 'node:zlib'

import { StatusList } from '@sd-jwt/jwt-status-list'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { encodeBase64url } from './base64url.ts'
import type { StatusValue } from './status-list.ts'
import {
  STATUS,
  STATUS_BITS,
  STATUS_LIST_BYTES,
  STATUS_LIST_SIZE,
  entryAt,
  packStatusList,
  setEntry,
  statusName,
  unpackStatusList,
} from './status-list.ts'

const entries = fc.uniqueArray(
  fc.tuple(fc.nat({ max: STATUS_LIST_SIZE - 1 }), fc.constantFrom<StatusValue>(...Object.values(STATUS))),
  { maxLength: 40, selector: ([idx]) => idx },
)

async function unpack(lst: string): Promise<Uint8Array> {
  const unpacked = await unpackStatusList(lst)
  if (unpacked.kind === 'refused') throw new Error(unpacked.why)
  return unpacked.bytes
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return encodeBase64url(new Uint8Array(await new Response(stream).arrayBuffer()))
}

describe('a status list', () => {
  test('gives back every entry, and valid elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.nat({ max: STATUS_LIST_SIZE - 1 }), async (given, elsewhere) => {
        const list = await unpack(await packStatusList(given))
        for (const [idx, value] of given) expect(entryAt(list, idx)).toBe(value)
        const set = given.find(([idx]) => idx === elsewhere)
        expect(entryAt(list, elsewhere)).toBe(set?.[1] ?? STATUS.valid)
      }),
      { numRuns: 30 },
    )
  })

  test('reads the same in @sd-jwt/jwt-status-list', async () => {
    const given: [number, StatusValue][] = [
      [0, STATUS.revoked],
      [1, STATUS.suspended],
      [77_777, STATUS.retired],
      [STATUS_LIST_SIZE - 1, STATUS.superseded],
    ]
    const theirs = StatusList.decompressStatusList(await packStatusList(given), STATUS_BITS)
    for (const [idx, value] of given) expect(theirs.getStatus(idx)).toBe(value)
    expect(theirs.getStatus(2)).toBe(STATUS.valid)
  })

  test('of @sd-jwt/jwt-status-list reads the same here', async () => {
    const numbers = Array.from({ length: STATUS_LIST_SIZE }, () => 0)
    numbers[5] = STATUS.recalled
    numbers[131_070] = STATUS.superseded
    const list = await unpack(new StatusList(numbers, STATUS_BITS).compressStatusList())
    expect([entryAt(list, 4), entryAt(list, 5), entryAt(list, 131_070)]).toEqual([
      0,
      STATUS.recalled,
      STATUS.superseded,
    ])
  })

  test('changed entry by entry is the list made at once, whatever stood there before', async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, async (before, after) => {
        const list = new Uint8Array(STATUS_LIST_BYTES)
        for (const [idx, value] of [...before, ...after]) setEntry(list, idx, value)
        expect(list).toEqual(await unpack(await packStatusList([...before, ...after])))
      }),
      { numRuns: 20 },
    )
  })

  test('deflated by another deflater reads the same, here and in @sd-jwt/jwt-status-list', async () => {
    const list = new Uint8Array(STATUS_LIST_BYTES)
    setEntry(list, 131_071, STATUS.recalled)
    const lst = encodeBase64url(deflateSync(list, { level: 1 }))
    expect(entryAt(await unpack(lst), 131_071)).toBe(STATUS.recalled)
    expect(StatusList.decompressStatusList(lst, STATUS_BITS).getStatus(131_071)).toBe(STATUS.recalled)
  })

  test('has no entry outside', async () => {
    const list = await unpack(await packStatusList([]))
    expect([-1, STATUS_LIST_SIZE, 0.5, Number.NaN].map((idx) => entryAt(list, idx))).toEqual(
      Array(4).fill(undefined),
    )
  })

  test('refuses an index outside and a number that is no status', async () => {
    await expect(packStatusList([[STATUS_LIST_SIZE, STATUS.valid]])).rejects.toThrow(RangeError)
    await expect(packStatusList([[-1, STATUS.valid]])).rejects.toThrow(RangeError)
    await expect(packStatusList([[0, 7 as StatusValue]])).rejects.toThrow(RangeError)
  })

  test.each([
    ['one byte more', STATUS_LIST_BYTES + 1],
    ['one byte less', STATUS_LIST_BYTES - 1],
    ['64 MiB of zeros', 64 * 1024 * 1024],
    ['nothing', 0],
  ])('is refused when it inflates to %s', async (_, length) => {
    expect((await unpackStatusList(await deflate(new Uint8Array(length)))).kind).toBe('refused')
  })

  test('is refused when something follows the zlib stream, or it breaks off', async () => {
    const lst = await packStatusList([[1, STATUS.revoked]])
    const bytes = Buffer.from(lst, 'base64url')
    expect((await unpackStatusList(bytes.subarray(0, -3).toString('base64url'))).kind).toBe('refused')
    expect(
      (await unpackStatusList(Buffer.concat([bytes, Buffer.from('more')]).toString('base64url'))).kind,
    ).toBe('refused')
  })

  test('has no name for a reserved number', () => {
    expect([4, 11, 14, 15].map((value) => statusName(value))).toEqual(Array(4).fill(undefined))
  })
})
