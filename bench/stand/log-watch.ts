import { setTimeout as delay } from 'node:timers/promises'

import type { LoadProgress } from '../load/load-plan.ts'
import { withClient } from './durable-postgres.ts'

const POLL_MS = 50

/** How far the checkpoint that a node shows is behind what it has acknowledged. */
export interface LagMeter {
  /** For the progress of a load generator. */
  acknowledged(progress: LoadProgress): void
  /** For each checkpoint seen: its size, and when it was asked for on the clock of the progress. */
  shown(size: number, at: number): void
  /** One more entry, of an act beside the load. */
  beside(): void
  /** Milliseconds, one for each checkpoint seen, least first. */
  lags(): number[]
}

/**
 * A checkpoint of size s, seen at t, is behind by t less the instant at which s + 1 were first known to be
 * acknowledged; by 0 where all that was acknowledged is in it. `before` is the size of the log when all began.
 */
export function createLagMeter(before: number): LagMeter {
  const progress: LoadProgress[] = []
  const lags: number[] = []
  let at = 0
  let others = before
  return {
    acknowledged: (next) => void progress.push(next),
    beside: () => void others++,
    shown(size, seenAt) {
      const covered = size - others
      // Both only grow, so what one checkpoint covers the next covers too.
      while (at < progress.length && (progress[at]?.answered ?? 0) <= covered) at++
      const behind = progress[at]
      lags.push(behind === undefined ? 0 : Math.max(0, seenAt - behind.at))
    },
    lags: () => lags.toSorted((a, b) => a - b),
  }
}

/** Reads the size of the checkpoint that a node shows (C2SP tlog-checkpoint: the second line). */
export async function shownSize(url: string): Promise<number> {
  const response = await fetch(`${url}/tlog/checkpoint`)
  const text = await response.text()
  const size = Number(text.split('\n')[1])
  if (!response.ok || !Number.isSafeInteger(size))
    throw new Error(`no checkpoint: ${response.status} ${text}`)
  return size
}

/** Feeds a meter with what the node shows until it is told to stop. */
export function watchCheckpoint(url: string, meter: LagMeter): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const at = performance.timeOrigin + performance.now()
      meter.shown(await shownSize(url), at)
      await delay(POLL_MS)
    }
  })()
  // Whoever stops it hears of it.
  watching.catch(() => undefined)
  return {
    async stop() {
      stopping.abort()
      await watching
    },
  }
}

/** How many entries wait for the log. */
export async function waitingEntries(ownerUrl: string): Promise<number> {
  return await withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<{ waiting: string }>(
      'select coalesce(sum(cardinality(entries)), 0)::text as waiting from log_queue',
    )
    return Number(rows[0]?.waiting ?? 0)
  })
}

/** Waits until nothing waits for the log; answers the milliseconds. @throws Error after `secondsMax`. */
export async function waitUntilDrained(ownerUrl: string, secondsMax: number): Promise<number> {
  const from = performance.now()
  for (;;) {
    const waiting = await waitingEntries(ownerUrl)
    const milliseconds = performance.now() - from
    if (waiting === 0) return milliseconds
    if (milliseconds > secondsMax * 1000)
      throw new Error(`${waiting} entries still wait for the log after ${secondsMax} s: a backlog grew`)
    await delay(POLL_MS)
  }
}

/** Waits until the node has a witnessed proof of the code in its log. @throws Error after `secondsMax`. */
export async function waitUntilProven(url: string, code: string, secondsMax: number): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000
  for (;;) {
    const response = await fetch(`${url}/v1/codes/${code}/log-proof`)
    const text = await response.text()
    if (response.ok) return
    if (performance.now() > deadline) throw new Error(`no proof of ${code}: ${response.status} ${text}`)
    await delay(POLL_MS)
  }
}
