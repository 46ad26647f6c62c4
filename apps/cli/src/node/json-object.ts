import { readFileSync } from 'node:fs'

import { parseStrictJson } from '@arc3088/records'

import { UsageError } from '../failure.ts'

/** A JSON object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Reads an option that is a JSON object, or `@` and the file that holds one. @throws UsageError */
export function readObjectOption(text: string, option: string): Record<string, unknown> {
  try {
    const value: unknown = parseStrictJson(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (error) {
    throw new UsageError(`--${option}: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw new UsageError(`--${option}: a JSON object, or @FILE with one`)
}
