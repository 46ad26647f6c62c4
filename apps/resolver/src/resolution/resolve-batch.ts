import type { Asked, RegistryClient } from '@arc3088/client'

import { BATCH_CONCURRENCY } from '../limits.ts'
import { renderAnswer, type KeptDetail } from './render-answer.ts'

/**
 * Resolves the codes and answers their JSON texts in the order of the codes: at once what is known, so many at a time what
 * is not.
 */
export async function resolveBatch(
  client: Pick<RegistryClient, 'lookUp' | 'recall'>,
  codes: readonly string[],
  { detail, asked }: { detail: KeptDetail; asked: Asked },
): Promise<string[]> {
  const answers = Array.from<string>({ length: codes.length })
  const isPlain = Object.keys(asked).length === 0
  const missing: [nth: number, code: string][] = []
  for (const [nth, code] of codes.entries()) {
    const known = isPlain ? client.recall(code) : undefined
    if (known === undefined) missing.push([nth, code])
    else answers[nth] = renderAnswer(known, detail).body
  }
  // One iterator shared by all workers: each takes the next code as soon as it is free.
  const queue = missing.values()
  const worker = async (): Promise<void> => {
    for (const [nth, code] of queue)
      answers[nth] = renderAnswer(await client.lookUp(code, asked), detail).body
  }
  await Promise.all(Array.from({ length: Math.min(BATCH_CONCURRENCY, missing.length) }, worker))
  return answers
}
