import { formatChange, readLogEntry } from '@arc3088/records'

import type { NodeLog } from '../log/node-log.ts'
import { FEED_BLOCK_CHANGES } from './feed-limits.ts'

/** The part of the log that the feed is made of. */
export type FeedLog = Pick<NodeLog, 'origin' | 'head' | 'entries'>

/** The lines of the changes after `after` up to and with `last`, without their ends. */
export async function readChangeLines(
  log: Pick<FeedLog, 'entries'>,
  after: number,
  last: number,
): Promise<string[]> {
  if (after >= last) return []
  const entries = await log.entries(after, last)
  if (entries.length !== last - after) throw new Error(`the log has no entry ${after + entries.length}`)
  return entries.map((text, nth) => {
    const entry = readLogEntry(text)
    if (entry === undefined) throw new Error(`entry ${after + nth} of the log is none`)
    return formatChange(after + nth + 1, entry)
  })
}

/** The lines of a range as bytes, a block at a time: the same bytes for ever, since the log is. */
export async function* changeBytes(
  log: Pick<FeedLog, 'entries'>,
  { first, last }: { first: number; last: number },
): AsyncGenerator<Uint8Array> {
  for (let after = first - 1; after < last; after += FEED_BLOCK_CHANGES) {
    const lines = await readChangeLines(log, after, Math.min(last, after + FEED_BLOCK_CHANGES))
    yield Buffer.from(`${lines.join('\n')}\n`, 'utf8')
  }
}
