import { describe, expect, test } from 'vitest'

import { BULK_CHUNK_LINES, BULK_LINE_BYTES_MAX } from './bulk-limits.ts'
import type { BulkLine } from './bulk-line.ts'
import { createBulkSource } from './bulk-source.ts'

const encoder = new TextEncoder()

/** A body in these pieces; `taken` counts the pieces that were asked for. */
function bodyOf(pieces: Iterable<string | Uint8Array>): {
  body: ReadableStream<Uint8Array>
  taken: () => number
} {
  const rest = pieces[Symbol.iterator]()
  let taken = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = rest.next()
        if (piece.done === true) return controller.close()
        taken++
        controller.enqueue(typeof piece.value === 'string' ? encoder.encode(piece.value) : piece.value)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, taken: () => taken }
}

async function allOf(pieces: Iterable<string | Uint8Array>): Promise<BulkLine[]> {
  const source = createBulkSource(bodyOf(pieces).body)
  const lines: BulkLine[] = []
  for (let chunk = await source.take(); chunk !== undefined; chunk = await source.take()) lines.push(...chunk)
  return lines
}

const textsOf = (lines: readonly BulkLine[]) =>
  lines.map((line) => ('text' in line ? line.text : `<${line.fault}>`))

describe('the lines of a body', () => {
  test('are the same however the body is cut into pieces', async () => {
    const bytes = encoder.encode('一\n{"key":"b"}\n\nlast')
    for (let size = 1; size <= bytes.length; size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, nth) =>
        bytes.slice(nth * size, (nth + 1) * size),
      )
      const lines = await allOf(pieces)
      expect(textsOf(lines)).toEqual(['一', '{"key":"b"}', '', 'last'])
      expect(lines.map(({ line }) => line)).toEqual([1, 2, 3, 4])
    }
  })

  test('end at the last line end, or at the end of a last line without one', async () => {
    expect(textsOf(await allOf(['a\n']))).toEqual(['a'])
    expect(textsOf(await allOf(['a']))).toEqual(['a'])
    expect(await allOf([])).toEqual([])
  })

  test('that are too long or not UTF-8 are handed out as such, and the next ones are good', async () => {
    const long = 'x'.repeat(BULK_LINE_BYTES_MAX + 1)
    const pieces = [
      `${long}\n`,
      long.slice(0, 3000),
      `${long.slice(3000)}y\nok\n`,
      Uint8Array.of(0xff, 0x0a),
      'ok',
    ]
    expect(textsOf(await allOf(pieces))).toEqual(['<too-long>', '<too-long>', 'ok', '<not-utf8>', 'ok'])
    expect(textsOf(await allOf([`${'x'.repeat(BULK_LINE_BYTES_MAX)}\n`]))).toHaveLength(1)
  })
})

describe('a chunk', () => {
  test('is at most a thousand lines, and nothing is read beyond it', async () => {
    const pieces = Array.from({ length: 50 }, () => 'x\n'.repeat(100))
    const { body, taken } = bodyOf(pieces)
    const source = createBulkSource(body)
    expect(await source.take()).toHaveLength(BULK_CHUNK_LINES)
    expect(taken()).toBe(10)
  })

  test('does not wait for more than its time once it has begun', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const source = createBulkSource(readable)
    const writer = writable.getWriter()
    void writer.write(encoder.encode('a\nb\n'))
    expect(textsOf((await source.take()) ?? [])).toEqual(['a', 'b'])
    void writer.write(encoder.encode('c\n'))
    expect(textsOf((await source.take()) ?? [])).toEqual(['c'])
    void writer.close()
    expect(await source.take()).toBeUndefined()
  })

  test('is refused when there are too many lines, and when none comes', async () => {
    const many = createBulkSource(bodyOf(['a\nb\nc\n']).body, { linesMax: 2 })
    await expect(many.take()).rejects.toMatchObject({ code: 'body-too-large', extra: { lines_max: 2 } })
    const { readable } = new TransformStream<Uint8Array, Uint8Array>()
    const silent = createBulkSource(readable, { idleSecondsMax: 0.05 })
    await expect(silent.take()).rejects.toMatchObject({ code: 'request-timeout' })
    await silent.close()
  })

  test('of a body that broke off is refused, never taken for the end', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode('a\n{"key'))
      },
      pull: (controller) => controller.error(new Error('ECONNRESET')),
    })
    await expect(createBulkSource(body).take()).rejects.toMatchObject({
      code: 'request-invalid',
      message: 'body: did not arrive whole',
    })
  })
})
