import type { CodeBatch } from './code-batch.ts'
import { CODE_LENGTH_MAX } from './fault.ts'
import type { IdentityCode } from './identity-code.ts'
import type { Malformation } from './malformation.ts'
import { readCode, type ReadOptions } from './read-code.ts'
import { HOME_PREFIXES, type RootPrefix } from './root-prefix.ts'
import { DOT, NOT_A_SYMBOL, POWER, valueOf, ZERO } from './symbol.ts'
import { decodeUtf8 } from './utf8.ts'

const NEWLINE = 10
const RETURN = 13
/** More bytes than any code has after its prefix: where as many follow, a line is read without asking for the end of the bytes. */
const AHEAD = 64
/** The prefixes of a batch are numbered in one byte. */
const PREFIXES_MAX = 256
/** The longest prefix, with its dot, that is compared as four words: that of this root has 13 bytes. */
const WORDS_LENGTH_MAX = 16

/** Value of every byte as a symbol; those of UTF-8 sequences are none. */
const BYTE_VALUE: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => valueOf(byte))

interface PrefixBytes {
  readonly index: number
  /** The prefix and the dot after it. */
  readonly bytes: Uint8Array
}

type PrefixWords = Readonly<
  Record<'word0' | 'word1' | 'word2' | 'word3' | 'offset1' | 'offset2' | 'offset3', number>
>

/**
 * Reads lines of identity codes (UTF-8; ended by LF or CRLF, the last one also by the end of the bytes) into the columns of a batch
 * until it is full or the bytes end. Answers how many bytes were read: pass the rest on for the next rows. Accepts exactly what
 * {@link readCode} accepts; {@link malformationAt} says why a line was not. @throws RangeError for more than 256 prefixes.
 */
export function readCodes(bytes: Uint8Array, batch: CodeBatch, options?: ReadOptions): number {
  const prefixes = options?.prefixes ?? HOME_PREFIXES
  if (prefixes.length > PREFIXES_MAX) throw new RangeError(`more than ${PREFIXES_MAX} prefixes`)
  const known = prefixBytes(prefixes)
  const capacity = batch.accepted.length
  let at = scanLines(bytes, batch, known)
  let row = batch.count
  for (; row < capacity && at < bytes.length; row++) {
    batch.starts[row] = at
    at = endLine(bytes, at, batch, row)
    readLine(bytes, batch, row, prefixes)
  }
  batch.count = row
  return at
}

/** Why a line of the batch is no code, with the offset in the line; undefined where it is one. @throws RangeError for no such row. */
export function malformationAt(
  bytes: Uint8Array,
  batch: CodeBatch,
  row: number,
  options?: ReadOptions,
): Malformation | undefined {
  const read = readCode(rowText(bytes, batch, row), options)
  return read.kind === 'malformed' ? read : undefined
}

/** The code of a line, with its canonical text; undefined where the line is none. @throws RangeError for no such row. */
export function codeAt(
  bytes: Uint8Array,
  batch: CodeBatch,
  row: number,
  options?: ReadOptions,
): IdentityCode | undefined {
  const read = readCode(rowText(bytes, batch, row), options)
  return read.kind === 'code' ? read : undefined
}

function rowText(bytes: Uint8Array, batch: CodeBatch, row: number): string {
  if (!Number.isInteger(row) || row < 0 || row >= batch.count)
    throw new RangeError(`the batch has no row ${row}`)
  return lineText(bytes, batch, row)
}

/**
 * Reads the lines that `AHEAD` bytes and more follow, so that none of its steps has to ask for the end of the bytes. Notes their
 * number in the batch and answers where the next line starts. Everything is in one function, with the columns in locals:
 * a call for each line costs as much as reading it.
 * Integer arithmetic modulo 2^32 is exact for six symbols; the two long numbers are put together from six and three.
 */
function scanLines(bytes: Uint8Array, batch: CodeBatch, known: readonly PrefixBytes[]): number {
  const { accepted, starts, ends, prefixes, versions, providers, requesters, ontologies, instances } = batch
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const capacity = accepted.length
  const longest = known[0]?.bytes.length ?? 0
  const fastEnd = bytes.length - longest - AHEAD
  const quick = known.length === 1 && longest <= WORDS_LENGTH_MAX
  const { word0, word1, word2, word3, offset1, offset2, offset3 } = wordsOf(quick ? known[0] : undefined)
  let value = 0
  let line = 0
  let row = 0
  for (; row < capacity && line < fastEnd; row++) {
    starts[row] = line
    let at = line
    read: {
      let prefix = 0
      if (quick) {
        if (
          view.getInt32(line, true) !== word0 ||
          view.getInt32(line + offset1, true) !== word1 ||
          view.getInt32(line + offset2, true) !== word2 ||
          view.getInt32(line + offset3, true) !== word3
        ) {
          break read
        }
        at += longest
      } else {
        const found = matchingPrefix(bytes, line, known)
        if (found === undefined) break read
        at += found.bytes.length
        prefix = found.index
      }
      const version = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL
      if (version === 0 || version === NOT_A_SYMBOL || bytes[at + 1] !== DOT) break read

      at += 2
      let first = at
      let provider = 0
      while ((value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
        provider = (Math.imul(provider, 36) + value) | 0
        at++
      }
      if (at === first || at - first > 6 || bytes[first] === ZERO || bytes[at] !== DOT) break read

      first = ++at
      let requester = 0
      while ((value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
        requester = (Math.imul(requester, 36) + value) | 0
        at++
      }
      if (at === first || at - first > 6 || bytes[first] === ZERO || bytes[at] !== DOT) break read

      first = ++at
      let number = 0
      let six = first + 6
      while (at < six && (value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
        number = (Math.imul(number, 36) + value) | 0
        at++
      }
      let rest = 0
      while ((value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
        rest = (Math.imul(rest, 36) + value) | 0
        at++
      }
      if (at === first || at - first > 9 || bytes[first] === ZERO || bytes[at] !== DOT) break read
      ontologies[row] = at > six ? (number >>> 0) * (POWER[at - six] ?? 0) + rest : number >>> 0

      first = ++at
      number = 0
      rest = 0
      six = first + 6
      while (at < six && (value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
        number = (Math.imul(number, 36) + value) | 0
        at++
      }
      while ((value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
        rest = (Math.imul(rest, 36) + value) | 0
        at++
      }
      if (at === first || at - first > 9 || (bytes[first] === ZERO && at - first > 1)) break read
      const carriage = bytes[at] === RETURN ? 1 : 0
      if (bytes[at + carriage] !== NEWLINE) break read
      instances[row] = at > six ? (number >>> 0) * (POWER[at - six] ?? 0) + rest : number >>> 0
      requesters[row] = requester
      providers[row] = provider
      versions[row] = version
      prefixes[row] = prefix
      accepted[row] = 1
      ends[row] = at
      line = at + carriage + 1
      continue
    }
    accepted[row] = 0
    line = endLine(bytes, at, batch, row)
  }
  batch.count = row
  return line
}

function matchingPrefix(
  bytes: Uint8Array,
  at: number,
  known: readonly PrefixBytes[],
): PrefixBytes | undefined {
  return known.find((prefix) => prefix.bytes.every((byte, i) => bytes[at + i] === byte))
}

/** Longest first, so that the first that fits is the one that counts. */
function prefixBytes(prefixes: readonly RootPrefix[]): readonly PrefixBytes[] {
  return prefixes
    .map((prefix, index) => ({
      index,
      bytes: Uint8Array.from(`${prefix}.`, (character) => character.charCodeAt(0)),
    }))
    .toSorted((a, b) => b.bytes.length - a.bytes.length)
}

/** The bytes of a prefix of 4 to 16 as four words at offsets 0 and these; the later ones overlap where there are fewer than 16. */
function wordsOf(prefix: PrefixBytes | undefined): PrefixWords {
  const bytes = prefix?.bytes ?? new Uint8Array(4)
  const view = new DataView(bytes.buffer)
  const last = bytes.length - 4
  const offset1 = Math.min(4, last)
  const offset2 = Math.min(8, last)
  return {
    word0: view.getInt32(0, true),
    word1: view.getInt32(offset1, true),
    word2: view.getInt32(offset2, true),
    word3: view.getInt32(last, true),
    offset1,
    offset2,
    offset3: last,
  }
}

/** Finds the end of the line that byte `from` is in or ends, notes it, and answers where the next one starts. */
function endLine(bytes: Uint8Array, from: number, batch: CodeBatch, row: number): number {
  let end = from
  while (end < bytes.length && bytes[end] !== NEWLINE) end++
  const carriage = end < bytes.length && end > (batch.starts[row] ?? 0) && bytes[end - 1] === RETURN
  batch.ends[row] = carriage ? end - 1 : end
  return end < bytes.length ? end + 1 : end
}

function readLine(bytes: Uint8Array, batch: CodeBatch, row: number, prefixes: readonly RootPrefix[]): void {
  const read = readCode(lineText(bytes, batch, row), { prefixes })
  if (read.kind === 'malformed') {
    batch.accepted[row] = 0
    return
  }
  batch.accepted[row] = 1
  batch.prefixes[row] = prefixes.indexOf(read.prefix)
  batch.versions[row] = read.version
  batch.providers[row] = read.provider
  batch.requesters[row] = read.requester
  batch.ontologies[row] = read.ontology
  batch.instances[row] = read.instance
}

/** The line as text, cut where it is too long for a code in any case: no UTF-16 unit takes more than three bytes. */
function lineText(bytes: Uint8Array, batch: CodeBatch, row: number): string {
  const start = batch.starts[row] ?? 0
  const end = Math.min(batch.ends[row] ?? start, start + 3 * (CODE_LENGTH_MAX + 2))
  return decodeUtf8(bytes.subarray(start, end))
}
