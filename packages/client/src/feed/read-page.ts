import { CHANGE_LINE_BYTES_MAX, readChange, type Change } from '@arc3088/records'

import { FeedFault, FeedTrouble } from './feed-fault.ts'

/** The whole lines of an answer, and what went wrong after them. */
export interface PageRead {
  readonly changes: readonly Change[]
  readonly trouble: FeedTrouble | undefined
}

/**
 * Reads a page that begins after `after`. What came before a break is good: a line is a change or it is none, and each
 * is the next one. @throws FeedFault where it is not.
 */
export async function readPage(response: Response, after: number, limit: number): Promise<PageRead> {
  const { text, trouble } = await readText(response, limit * CHANGE_LINE_BYTES_MAX)
  const lines = text.split('\n')
  const rest = lines.pop()
  const changes = readChanges(lines, after)
  if (changes.length > limit)
    throw new FeedFault('feed-broken', `asked for ${limit} changes, got ${changes.length}`)
  const isCut = trouble === undefined && rest !== ''
  return { changes, trouble: isCut ? new FeedTrouble('a page broke off within a line') : trouble }
}

/** Reads lines as the changes after `after`. @throws FeedFault where one is none, or is not the next. */
export function readChanges(lines: readonly string[], after: number): Change[] {
  return lines.map((line, nth) => {
    const change = readChange(line)
    const expected = String(after + nth + 1)
    if (change === undefined) throw new FeedFault('feed-broken', `what stands for change ${expected} is none`)
    if (change.seq !== expected)
      throw new FeedFault('feed-broken', `change ${change.seq} stands where ${expected} should be`)
    return change
  })
}

async function readText(
  response: Response,
  bytesMax: number,
): Promise<{ text: string; trouble: FeedTrouble | undefined }> {
  if (response.body === null) return { text: '', trouble: undefined }
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const next = await reader.read().catch((cause: unknown) => new FeedTrouble('a page broke off', { cause }))
    if (next instanceof FeedTrouble) return { text, trouble: next }
    if (next.done) return { text: text + decoder.decode(), trouble: undefined }
    bytes += next.value.length
    if (bytes > bytesMax) {
      await reader.cancel()
      throw new FeedFault('feed-broken', `a page has more than ${bytesMax} bytes`)
    }
    text += decoder.decode(next.value, { stream: true })
  }
}
