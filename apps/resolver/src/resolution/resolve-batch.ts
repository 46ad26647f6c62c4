import type { Asked, RegistryClient } from '@arc3088/client'

import { BATCH_CONCURRENCY } from '../limits.ts'
import { renderAnswer, type KeptDetail } from './render-answer.ts'

/** Resolves the codes, so many at a time, and answers their JSON texts in the order of the codes. */
export async function resolveBatch(
  client: RegistryClient,
  codes: readonly string[],
  { detail, asked }: { detail: KeptDetail; asked: Asked },
): Promise<string[]> {
  const answers = Array.from<string>({ length: codes.length })
  // One iterator shared by all workers: each takes the next code as soon as it is free.
  const queue = codes.entries()
  const worker = async (): Promise<void> => {
    for (const [nth, code] of queue)
      answers[nth] = renderAnswer(await client.lookUp(code, asked), detail).body
  }
  await Promise.all(Array.from({ length: Math.min(BATCH_CONCURRENCY, codes.length) }, worker))
  return answers
}
