import type { AssignBatch, Settled, Submission } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import type { Log } from '@arc3088/service'

import { BULK_CHUNKS_AT_ONCE } from './bulk-limits.ts'
import {
  formatAssigned,
  formatBreak,
  formatRefused,
  keyOfRefused,
  readBulkLine,
  type BulkLine,
} from './bulk-line.ts'
import type { BulkSource } from './bulk-source.ts'
import type { InstanceRegistration } from './registration.ts'

/** What a stream of registrations is answered with. */
export interface BulkParts {
  readonly source: BulkSource
  readonly assignBatch: AssignBatch<InstanceRegistration>
  /** The code of the ontology that instances are registered below, and its numbers. */
  readonly ontology: { readonly text: string; readonly requester: number; readonly ontology: number }
  readonly requesterId: string
  /** Where it was asked: `instance` of every problem. */
  readonly path: string
  readonly log: Log
  /** Refuses when the caller may do this no longer; asked before each chunk. */
  demandStillAllowed(): Promise<void>
  reached(step: string): void
}

interface ChunkAnswer {
  readonly text: string
  readonly assigned: number
  readonly replayed: number
  readonly refused: number
}

const encoder = new TextEncoder()

/**
 * Answers each line at its place, a chunk in one transaction, and at the end says how many there were. Input is taken
 * only while fewer than BULK_CHUNKS_AT_ONCE chunks are under way, and an answer is made only when it is asked for. What
 * fails for good ends the stream with a line that holds nothing but the problem, and then throws: whoever sends the
 * same keys again gets the same bytes for what was assigned.
 */
export async function* answerBulk(parts: BulkParts, gone: AbortSignal): AsyncGenerator<Uint8Array> {
  const underWay: Promise<ChunkAnswer>[] = []
  const sum = { lines: 0, assigned: 0, replayed: 0, refused: 0 }
  let next: Promise<{ lines: readonly BulkLine[] | undefined }> | undefined
  let isEnded = false
  try {
    for (;;) {
      if (!isEnded && underWay.length < BULK_CHUNKS_AT_ONCE)
        next ??= quietly(parts.source.take().then((lines) => ({ lines })))
      const [first] = underWay
      const events = [next, first].filter((event) => event !== undefined)
      if (events.length === 0) break
      const event = await Promise.race(events)
      if ('text' in event) {
        void underWay.shift()
        sum.assigned += event.assigned
        sum.replayed += event.replayed
        sum.refused += event.refused
        yield encoder.encode(event.text)
        continue
      }
      next = undefined
      isEnded = event.lines === undefined
      if (event.lines === undefined) continue
      sum.lines += event.lines.length
      underWay.push(quietly(answerChunk(parts, event.lines)))
    }
    yield encoder.encode(`${JSON.stringify(sum)}\n`)
  } catch (error) {
    if (!gone.aborted) yield encoder.encode(formatBreak(error, parts.path))
    throw error
  } finally {
    // What is under way commits or not, as if nothing had happened; only nobody hears of it.
    await Promise.allSettled(underWay)
    await parts.source.close()
  }
}

/** A promise that is awaited later or never; its failure is found by whoever awaits it. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

async function answerChunk(parts: BulkParts, lines: readonly BulkLine[]): Promise<ChunkAnswer> {
  await parts.demandStillAllowed()
  parts.reached('bulk:chunk-read')
  const read = lines.map((line) => readOrRefuse(line, parts))
  const submissions = read.flatMap((one) => ('submission' in one ? [one.submission] : []))
  const settled = submissions.length === 0 ? [] : await parts.assignBatch(submissions)
  demandLines(settled)
  parts.reached('bulk:chunk-assigned')
  const count = { assigned: 0, replayed: 0, refused: 0 }
  let text = ''
  let nth = 0
  for (const one of read) {
    if (!('submission' in one)) {
      count.refused++
      text += formatRefused(one.line, one.key, { error: one.error, instance: parts.path })
      continue
    }
    const outcome = settled[nth++]
    if (outcome === undefined) throw new Error('A chunk was settled without one of its lines')
    if (outcome.kind === 'assigned') {
      if (outcome.replayed) count.replayed++
      else count.assigned++
      text += formatAssigned(one.line, one.key, outcome)
      continue
    }
    count.refused++
    if (outcome.kind === 'failed')
      parts.log.error({ err: outcome.error }, 'one line of a bulk registration failed')
    text += formatRefused(one.line, one.key, { error: outcome.error, instance: parts.path })
  }
  return { text, ...count }
}

type ReadLine =
  | { line: number; key: string; submission: Submission<InstanceRegistration> }
  | { line: number; key: string | undefined; error: RegistryError }

function readOrRefuse(given: BulkLine, { ontology, requesterId }: BulkParts): ReadLine {
  const { line } = given
  try {
    const { key, wish, businessType, idempotency } = readBulkLine(given, ontology.text)
    const request = { requester: ontology.requester, ontology: ontology.ontology, wish, businessType }
    const scopeRequester = ontology.requester
    return { line, key, submission: { request, principal: requesterId, scopeRequester, idempotency } }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    return { line, key: keyOfRefused(given), error }
  }
}

/**
 * One line that fails of itself is answered as failed. A chunk that fails whole, or because the node cannot write now,
 * fails the stream: the lines after it would fare no better.
 */
function demandLines(settled: readonly Settled[]): void {
  const failed = settled.filter((outcome) => outcome.kind === 'failed')
  const unavailable = failed.find(({ error }) => error instanceof RegistryError)
  const fatal = unavailable ?? (failed.length === settled.length ? failed[0] : undefined)
  if (fatal !== undefined) throw fatal.error
}
