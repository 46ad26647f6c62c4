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

/** Value of every byte as a symbol; those of UTF-8 sequences are none. */
const BYTE_VALUE: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => valueOf(byte))

interface PrefixBytes {
  readonly index: number
  /** The prefix and the dot after it. */
  readonly bytes: Uint8Array
  /** Its first bytes, four at a time. */
  readonly words: Int32Array
}

/**
 * Reads lines of identity codes (UTF-8; ended by LF or CRLF, the last one also by the end of the bytes) into the columns of a batch
 * until it is full or the bytes end. Answers how many bytes were read: pass the rest on for the next rows. Accepts exactly what
 * {@link readCode} accepts; {@link malformationAt} says why a line was not. @throws RangeError for more than 256 prefixes.
 */
export function readCodes(bytes: Uint8Array, batch: CodeBatch, options?: ReadOptions): number {
  const prefixes = options?.prefixes ?? HOME_PREFIXES
  if (prefixes.length > PREFIXES_MAX) throw new RangeError(`more than ${PREFIXES_MAX} prefixes`)
  const known = prefixBytes(prefixes)
  const longest = known[0]?.bytes.length ?? 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const capacity = batch.accepted.length
  const fastEnd = bytes.length - longest - AHEAD
  let row = 0
  let at = 0
  for (; row < capacity && at < fastEnd; row++) {
    batch.starts[row] = at
    const prefix = matchingPrefix(bytes, view, at, known)
    const end = prefix === undefined ? -1 : readNumbers(bytes, at + prefix.bytes.length, batch, row)
    if (prefix === undefined || end < 0) {
      batch.accepted[row] = 0
      at = refuseLine(bytes, at, batch, row)
      continue
    }
    batch.prefixes[row] = prefix.index
    batch.accepted[row] = 1
    batch.ends[row] = end
    at = end + (bytes[end] === NEWLINE ? 1 : 2)
  }
  for (; row < capacity && at < bytes.length; row++) {
    batch.starts[row] = at
    at = refuseLine(bytes, at, batch, row)
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
 * Reads the five numbers from `start` on, where `AHEAD` bytes follow. Answers the end of the line, or -1.
 * Integer arithmetic modulo 2^32 is exact for six symbols; the two long numbers are put together from six and three.
 */
function readNumbers(bytes: Uint8Array, start: number, batch: CodeBatch, row: number): number {
  let at = start
  let value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL
  if (value === 0 || value === NOT_A_SYMBOL || bytes[at + 1] !== DOT) return -1
  batch.versions[row] = value

  at += 2
  let first = at
  if (bytes[first] === ZERO) return -1
  let number = 0
  while ((value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
    number = (Math.imul(number, 36) + value) | 0
    at++
  }
  if (at === first || at - first > 6 || bytes[at] !== DOT) return -1
  batch.providers[row] = number

  first = ++at
  if (bytes[first] === ZERO) return -1
  number = 0
  while ((value = BYTE_VALUE[bytes[at] ?? 0] ?? NOT_A_SYMBOL) < NOT_A_SYMBOL) {
    number = (Math.imul(number, 36) + value) | 0
    at++
  }
  if (at === first || at - first > 6 || bytes[at] !== DOT) return -1
  batch.requesters[row] = number

  first = ++at
  if (bytes[first] === ZERO) return -1
  number = 0
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
  if (at === first || at - first > 9 || bytes[at] !== DOT) return -1
  batch.ontologies[row] = at > six ? (number >>> 0) * (POWER[at - six] ?? 0) + rest : number >>> 0

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
  if (at === first || at - first > 9 || (bytes[first] === ZERO && at - first > 1)) return -1
  batch.instances[row] = at > six ? (number >>> 0) * (POWER[at - six] ?? 0) + rest : number >>> 0
  const ended = bytes[at] === NEWLINE || (bytes[at] === RETURN && bytes[at + 1] === NEWLINE)
  return ended ? at : -1
}

function matchingPrefix(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  known: readonly PrefixBytes[],
): PrefixBytes | undefined {
  for (const prefix of known) {
    if (startsWith(bytes, view, at, prefix)) return prefix
  }
  return undefined
}

function startsWith(bytes: Uint8Array, view: DataView, at: number, prefix: PrefixBytes): boolean {
  const { words, bytes: wanted } = prefix
  for (let i = 0; i < words.length; i++) {
    if (view.getInt32(at + 4 * i, true) !== words[i]) return false
  }
  for (let i = words.length * 4; i < wanted.length; i++) {
    if (bytes[at + i] !== wanted[i]) return false
  }
  return true
}

/** Longest first, so that the first that fits is the one that counts. */
function prefixBytes(prefixes: readonly RootPrefix[]): readonly PrefixBytes[] {
  return prefixes
    .map((prefix, index) => {
      const bytes = Uint8Array.from(`${prefix}.`, (character) => character.charCodeAt(0))
      const view = new DataView(bytes.buffer)
      const words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true))
      return { index, bytes, words }
    })
    .toSorted((a, b) => b.bytes.length - a.bytes.length)
}

/** Finds the end of a line, notes it, and answers where the next one starts. */
function refuseLine(bytes: Uint8Array, start: number, batch: CodeBatch, row: number): number {
  let end = start
  while (end < bytes.length && bytes[end] !== NEWLINE) end++
  batch.ends[row] = end > start && end < bytes.length && bytes[end - 1] === RETURN ? end - 1 : end
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
