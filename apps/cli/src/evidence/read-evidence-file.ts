import { readFileSync } from 'node:fs'

import { parseStrictJson, StrictJsonError } from '@arc3088/records'
import { pinAnchor, type PinnedAnchor } from '@arc3088/trust'

import { Refusal, UsageError } from '../failure.ts'

/** Reads a file as text. @throws UsageError when it cannot be read: nothing was looked at, so nothing can be said. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : `${file} cannot be read`)
  }
}

/** The JSON of a file, duplicate members refused. @throws UsageError, Refusal */
export function readJsonFile(file: string): unknown {
  try {
    return parseStrictJson(readTextFile(file))
  } catch (error) {
    if (error instanceof StrictJsonError) throw new Refusal('bundle-malformed', `${file}: ${error.message}`)
    throw error
  }
}

/** The pinned key set of a file. @throws UsageError: without something to trust nothing is judged. */
export function readAnchorFile(file: string): PinnedAnchor {
  const anchor = pinAnchor(readTextFile(file))
  if ('kind' in anchor)
    throw new UsageError(`--anchor: ${file} holds no key set (${anchor.reason}: ${anchor.detail})`)
  return anchor
}

/** How a recognition list is held to be fit, as options say. */
export interface ListOptions {
  readonly 'min-seq'?: string | undefined
  readonly 'max-list-age'?: string | undefined
}

/** The policy for recognition lists that options state; what is left out is as usual. @throws UsageError */
export function readListPolicy(options: ListOptions): { minSeq?: number; maxAgeSeconds?: number } {
  const minSeq = readCount(options['min-seq'], '--min-seq: the number of a recognition list')
  const maxAgeSeconds = readCount(options['max-list-age'], '--max-list-age: seconds')
  return {
    ...(minSeq === undefined ? {} : { minSeq }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  }
}

function readCount(text: string | undefined, what: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(what)
  return Number(text)
}

/** An instant as RFC 3339 or as NumericDate, in seconds. @throws UsageError */
export function readInstant(text: string, option = '--at'): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  const isRfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text)
  const milliseconds = isRfc3339 ? Date.parse(text) : Number.NaN
  if (Number.isNaN(milliseconds))
    throw new UsageError(`${option}: a time as 2027-01-01T00:00:00Z, or seconds since 1970`)
  return Math.floor(milliseconds / 1000)
}
