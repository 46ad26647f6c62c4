import { readChangeLines } from './change-lines.ts'
import type { Feed } from './feed.ts'

/** Changes that are written to a stream at a time: what a slow reader can make a process hold. */
const BLOCK_CHANGES = 256

/**
 * The changes after one as server-sent events, for as long as somebody reads: a block is read from the log when the
 * connection took the one before, so that there is no buffer to overrun.
 */
export async function* changeEvents(
  { log, watch }: Pick<Feed, 'log' | 'watch'>,
  { after, heartbeatSeconds, gone }: { after: number; heartbeatSeconds: number; gone: AbortSignal },
): AsyncGenerator<Uint8Array> {
  yield Buffer.from('retry: 1000\n\n')
  let at = after
  while (!watch.isClosed && !gone.aborted) {
    const size = await watch.waitPast(at, { milliseconds: heartbeatSeconds * 1000, signal: gone })
    if (gone.aborted) return
    if (size <= at) {
      if (!watch.isClosed) yield Buffer.from(': still here\n\n')
      continue
    }
    const first = at + 1
    const lines = await readChangeLines(log, at, Math.min(size, at + BLOCK_CHANGES))
    at += lines.length
    yield Buffer.from(lines.map((line, nth) => `id: ${first + nth}\ndata: ${line}\n\n`).join(''))
  }
}
