import { crc32 } from 'node:zlib'

import type { Level } from '@arc3088/codec'
import { z } from 'zod'

const LEVELS = ['provider', 'requester', 'ontology', 'instance'] as const satisfies readonly Level[]
const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A code as the ledger has it: provider, requester, ontology, instance. */
export type KeyNumbers = readonly [number, number, number, number]

// By hand, since a journal has millions of these and a start reads them all.
function areKeys(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((key) => Array.isArray(key) && key.length === 4 && key.every(Number.isSafeInteger))
  )
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

/** One thing that a journal remembers, as its lines spell it. */
const JournalMark = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('node'), entity_id: z.string() }),
  z.strictObject({ t: z.literal('begun') }),
  z.strictObject({
    t: z.literal('range'),
    id: z.string(),
    level: z.enum(LEVELS),
    name: z.string(),
    kind: z.enum(['sequential', 'scrambled', 'chosen']),
    first: Count,
    last: Count,
    business_type: z.string().nullable(),
    key: z.base64url().nullable(),
  }),
  z.strictObject({ t: z.literal('lease'), range: z.string(), up_to: Count }),
  z.strictObject({ t: z.literal('list'), list: Count, level: z.enum(LEVELS), up_to: Count }),
  z.strictObject({ t: z.literal('chosen'), keys: z.custom<readonly KeyNumbers[]>(areKeys) }),
  z.strictObject({ t: z.literal('issue'), name: z.string(), seq: Count, hash: z.string() }),
  z.strictObject({ t: z.literal('checkpoint'), note: z.string() }),
  z.strictObject({ t: z.literal('entries'), from: Count, entries: z.custom<readonly string[]>(areTexts) }),
])
export type JournalMark = z.output<typeof JournalMark>

const JournalBody = z.strictObject({ at: z.iso.datetime(), marks: z.array(JournalMark) })

/** One line: everything that shared an fsync, so that a line torn by a crash is always the last. */
export interface JournalLine {
  readonly at: string
  readonly marks: readonly JournalMark[]
  /** What the checksum of the next line goes on from. */
  readonly checksum: number
}

/** The checksum before the first line of a file. */
export const FIRST_CHECKSUM = 0

const LINE = /^\{"crc":"([0-9a-f]{8})",(.*)$/s

/**
 * Writes a line, newline included. Its checksum goes on from that of the line before, so that a line that is missing,
 * doubled or out of place shows as surely as one that was changed.
 */
export function formatJournalLine(
  body: { at: Date; marks: readonly JournalMark[] },
  previous: number,
): { text: string; checksum: number } {
  const rest = JSON.stringify({ at: body.at.toISOString(), marks: body.marks }).slice(1)
  const checksum = crc32(rest, previous)
  return { text: `{"crc":"${checksum.toString(16).padStart(8, '0')}",${rest}\n`, checksum }
}

/** Reads a line without its newline; undefined where it is not the line that was written after `previous`. */
export function readJournalLine(text: string, previous: number): JournalLine | undefined {
  const [, written, rest] = LINE.exec(text) ?? []
  if (written === undefined || rest === undefined) return undefined
  const checksum = crc32(rest, previous)
  if (Number.parseInt(written, 16) !== checksum) return undefined
  const body = JournalBody.safeParse(JSON.parse(`{${rest}`))
  return body.success ? { ...body.data, checksum } : undefined
}
