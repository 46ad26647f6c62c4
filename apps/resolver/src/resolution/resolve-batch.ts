import type { Detail, RegistryClient } from '@arc3088/client'
import { RegistryError } from '@arc3088/problems'
import { z } from 'zod'

import { BATCH_CODES_MAX, BATCH_CONCURRENCY } from '../limits.ts'
import { renderAnswer } from './render-answer.ts'

/** One line or item of a batch: the code, bare or as `{"code": "…"}`. */
export const BatchItem = z.union([z.string(), z.strictObject({ code: z.string() })])
export type BatchItem = z.infer<typeof BatchItem>

/** Reads NDJSON; an empty last line is none. Throws `request-invalid` naming the first line that is no item. */
export function readBatchLines(text: string): BatchItem[] {
  const lines = text.split('\n', BATCH_CODES_MAX + 2)
  if (lines.at(-1)?.trim() === '') lines.pop()
  if (lines.length > BATCH_CODES_MAX)
    throw new RegistryError('request-invalid', `A batch holds at most ${BATCH_CODES_MAX} codes`)
  return lines.map((line, nth) => {
    const item = BatchItem.safeParse(readJson(line))
    if (item.success) return item.data
    throw new RegistryError('request-invalid', `Line ${nth + 1} is neither "code" nor {"code": "code"}`)
  })
}

function readJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Resolves the codes, so many at a time, and answers their JSON texts in the order of the codes. */
export async function resolveBatch(
  client: RegistryClient,
  items: readonly BatchItem[],
  detail: Detail,
): Promise<string[]> {
  const answers = Array.from<string>({ length: items.length })
  // One iterator shared by all workers: each takes the next code as soon as it is free.
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [nth, item] of queue) {
      const text = typeof item === 'string' ? item : item.code
      answers[nth] = renderAnswer(await client.assess(text), detail)
    }
  }
  await Promise.all(Array.from({ length: Math.min(BATCH_CONCURRENCY, items.length) }, worker))
  return answers
}
