import type { CodePrefix, IdentityCode, OpaqueCode, Subject } from './identity-code.ts'
import { CodeSyntaxError, type Malformation } from './malformation.ts'
import { readOpaque } from './opaque-code.ts'
import { HOME_PREFIXES, type RootPrefix } from './root-prefix.ts'
import { CODE_END, PREFIX_ENDS, scan, SUBJECT_ENDS } from './scan.ts'

export interface ReadOptions {
  /** The root prefixes that are known, all of them; the longest that fits counts. Default: this registry's own. */
  readonly prefixes?: readonly RootPrefix[]
}

export interface OpaqueReadOptions extends ReadOptions {
  /** Also accepts a custom serial of one to four segments of 1-32 symbols, as a foreign numbering plan may have it (5.6 a). */
  readonly customSerial: 'opaque'
}

/**
 * Reads an identity code in any letter case (GB/Z 185.2 5.1-5.6; rules of docs/spec/identity-code.md). Never throws; answers the
 * first rule that is broken. `text` of the result is the canonical spelling, and is the input itself when that is canonical.
 */
export function readCode(text: string, options?: ReadOptions): IdentityCode | Malformation
export function readCode(text: string, options: OpaqueReadOptions): IdentityCode | OpaqueCode | Malformation
export function readCode(
  text: string,
  options?: ReadOptions | OpaqueReadOptions,
): IdentityCode | OpaqueCode | Malformation {
  const prefixes = options?.prefixes ?? HOME_PREFIXES
  const read = scan(text, prefixes, CODE_END)
  if (options === undefined || !('customSerial' in options) || read.kind !== 'malformed') return read
  return readOpaque(text, prefixes, read)
}

/** As {@link readCode}. @throws CodeSyntaxError */
export function parseCode(text: string, options?: ReadOptions): IdentityCode {
  const read = readCode(text, options)
  if (read.kind === 'malformed') throw new CodeSyntaxError(read, text)
  return read
}

/** Reads a code prefix of level provider or requester, in any letter case. Never throws. */
export function readPrefix(text: string, options?: ReadOptions): CodePrefix | Malformation {
  return scan(text, options?.prefixes ?? HOME_PREFIXES, PREFIX_ENDS)
}

/** As {@link readPrefix}. @throws CodeSyntaxError */
export function parsePrefix(text: string, options?: ReadOptions): CodePrefix {
  const read = readPrefix(text, options)
  if (read.kind === 'malformed') throw new CodeSyntaxError(read, text)
  return read
}

/** Reads whatever a record can be about: a code or a code prefix. Never throws. */
export function readSubject(text: string, options?: ReadOptions): Subject | Malformation {
  return scan(text, options?.prefixes ?? HOME_PREFIXES, SUBJECT_ENDS)
}

/** As {@link readSubject}. @throws CodeSyntaxError */
export function parseSubject(text: string, options?: ReadOptions): Subject {
  const read = readSubject(text, options)
  if (read.kind === 'malformed') throw new CodeSyntaxError(read, text)
  return read
}
