import { RegistryError } from '@arc3088/problems'
import { parseStrictJson, StrictJsonError } from '@arc3088/records'
import { z } from 'zod'

import { BATCH_CODES_MAX } from '../limits.ts'

/** The media types a batch is sent in, and answered in. */
export const BATCH_MEDIA_TYPES = ['application/json', 'application/x-ndjson'] as const
export type BatchMediaType = (typeof BATCH_MEDIA_TYPES)[number]

/** An item that is no bare code. */
const BatchItem = z.strictObject({ code: z.string() })

/** The contract of the body, as JSON Schema: the same items by either media type. */
export const BATCH_SCHEMA = {
  type: 'array' as const,
  maxItems: BATCH_CODES_MAX,
  items: {
    oneOf: [
      { type: 'string' as const },
      {
        type: 'object' as const,
        properties: { code: { type: 'string' as const } },
        required: ['code'],
        additionalProperties: false,
      },
    ],
  },
}

/** Which of the two a Content-Type names. Throws `media-type-unsupported` for any other. */
export function readBatchMediaType(contentType: string | undefined): BatchMediaType {
  const named = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  const mediaType = BATCH_MEDIA_TYPES.find((each) => each === named)
  if (mediaType !== undefined) return mediaType
  throw new RegistryError('media-type-unsupported', `Send ${BATCH_MEDIA_TYPES.join(' or ')}`)
}

/**
 * Reads the codes of a batch: a JSON array, or a line each, where an empty last line is none. Throws `request-invalid`
 * naming the first place that is neither a code nor `{"code": code}`, and for more than the limit.
 */
export function readBatch(mediaType: BatchMediaType, body: string): string[] {
  const items = mediaType === 'application/json' ? readArray(body) : readLines(body)
  if (items.length > BATCH_CODES_MAX)
    throw new RegistryError('request-invalid', `A batch holds at most ${BATCH_CODES_MAX} codes`)
  return items.map((value, nth) => {
    if (typeof value === 'string') return value
    const item = BatchItem.safeParse(value)
    if (item.success) return item.data.code
    throw new RegistryError('request-invalid', `Item ${nth + 1} is neither "code" nor {"code": "code"}`)
  })
}

function readArray(body: string): readonly unknown[] {
  const value = readJson(body, 'The body')
  if (Array.isArray(value)) return value
  throw new RegistryError('request-invalid', 'The body is no array')
}

function readLines(body: string): readonly unknown[] {
  // One line over the limit is enough to refuse all of them, and an empty one may follow the last.
  const lines = body.split('\n', BATCH_CODES_MAX + 2)
  if (lines.at(-1)?.trim() === '') lines.pop()
  if (lines.length > BATCH_CODES_MAX) return lines
  return lines.map((line, nth) => readJson(line, `Line ${nth + 1}`))
}

function readJson(text: string, what: string): unknown {
  try {
    return parseStrictJson(text)
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    throw new RegistryError('request-invalid', `${what}: ${error.message}`, { cause: error })
  }
}
