import { RegistryError } from '@arc3088/problems'

import {
  BULK_CHUNK_LINES,
  BULK_CHUNK_MILLISECONDS_MAX,
  BULK_IDLE_SECONDS_MAX,
  BULK_LINE_BYTES_MAX,
  BULK_LINES_MAX,
} from './bulk-limits.ts'
import type { BulkLine } from './bulk-line.ts'

const NEWLINE = 0x0a

/** Hands out the lines of a body a chunk at a time, and reads no further than that. */
export interface BulkSource {
  /**
   * The next lines, at least one; undefined at the end of the body.
   *
   * @throws RegistryError when there are too many, when none comes, or when the body broke off.
   */
  take(): Promise<readonly BulkLine[] | undefined>
  close(): Promise<void>
}

/** Splits a body at its line ends. Lines too long or not UTF-8 are handed out as such, and the next ones are good again. */
export function createBulkSource(
  body: ReadableStream<Uint8Array>,
  { idleSecondsMax = BULK_IDLE_SECONDS_MAX, linesMax = BULK_LINES_MAX } = {},
): BulkSource {
  const bytes = body.getReader()
  const split = createSplitter()
  const ready: BulkLine[] = []
  let reading: Promise<void> | undefined
  let isEnded = false

  async function read(): Promise<void> {
    const next = await bytes.read().catch((cause: unknown) => {
      throw new RegistryError('request-invalid', 'body: did not arrive whole', { cause })
    })
    reading = undefined
    isEnded = next.done
    for (const line of next.done ? split.rest() : split.feed(next.value)) ready.push(line)
  }

  /** True when something came in time. The read goes on all the same, for the next to ask. */
  async function readWithin(milliseconds: number): Promise<boolean> {
    reading ??= read()
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(false), milliseconds)
    try {
      return await Promise.race([reading.then(() => true), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  const needs = (lines: number): boolean => ready.length < lines && !isEnded

  return {
    async take() {
      while (needs(1)) {
        if (!(await readWithin(idleSecondsMax * 1000)))
          throw new RegistryError('request-timeout', `No line came for ${idleSecondsMax} s`)
      }
      const deadline = performance.now() + BULK_CHUNK_MILLISECONDS_MAX
      while (needs(BULK_CHUNK_LINES)) {
        if (!(await readWithin(Math.max(0, deadline - performance.now())))) break
      }
      const lines = ready.splice(0, BULK_CHUNK_LINES)
      const last = lines.at(-1)
      if (last !== undefined && last.line > linesMax) {
        throw new RegistryError('body-too-large', `A stream holds at most ${linesMax} lines`, {
          extra: { lines_max: linesMax },
        })
      }
      return last === undefined ? undefined : lines
    },
    async close() {
      isEnded = true
      // Ends a read under way too, so nobody waits for a sender that says nothing.
      await bytes.cancel()
    },
  }
}

/** Bytes in, lines out; holds at most one line of the longest kind. */
function createSplitter(): { feed(bytes: Uint8Array): BulkLine[]; rest(): BulkLine[] } {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let line = 0
  let held: Uint8Array[] = []
  let heldBytes = 0

  function hold(part: Uint8Array): void {
    heldBytes += part.length
    if (heldBytes > BULK_LINE_BYTES_MAX) held = []
    else if (part.length > 0) held.push(part.slice())
  }

  function finish(part: Uint8Array): BulkLine {
    line++
    const isTooLong = heldBytes + part.length > BULK_LINE_BYTES_MAX
    const whole = heldBytes === 0 || isTooLong ? part : Buffer.concat([...held, part])
    held = []
    heldBytes = 0
    if (isTooLong) return { line, fault: 'too-long' }
    try {
      return { line, text: decoder.decode(whole) }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return { line, fault: 'not-utf8' }
    }
  }

  return {
    feed(bytes) {
      const lines: BulkLine[] = []
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        lines.push(finish(bytes.subarray(start, end)))
        start = end + 1
      }
      hold(bytes.subarray(start))
      return lines
    },
    // The last line may lack its line end; what is empty is no line.
    rest: () => (heldBytes === 0 ? [] : [finish(new Uint8Array())]),
  }
}
