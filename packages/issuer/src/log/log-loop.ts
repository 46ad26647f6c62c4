import { isRetryable } from '@arc3088/db'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import type { WriteGate } from '../journal/write-gate.ts'
import { createBell } from './bell.ts'
import { leadOnce, leadUntil, type LeadingParts } from './lead-log.ts'
import { leadWhile } from './leadership.ts'
import { hasQueuedUpTo, readLastQueued } from './log-drain.store.ts'
import type { LogHead } from './log-head.ts'
import { readLogState } from './log-leader.store.ts'
import { LeadershipLost } from './sequencer.ts'
import { LogContradiction } from './stored-edge.ts'

/** How often a process that does not lead tries to, and looks at the head. */
const CONTEND_MS = 250
/** A cause of failure that stays, such as a full disk, is met every four seconds. */
const CONTEND_DOUBLINGS_MAX = 4
/** A term of this length was no failure, whatever ended it. */
const GOOD_TERM_MS = 10_000
const DRAIN_POLL_MS = 10
const DRAIN_MS_MAX = 30_000

export interface LogLoopParts extends Omit<LeadingParts, 'mayWrite' | 'onHead'> {
  readonly leaderDb: Kysely<IssuerTables>
  readonly gate?: Pick<WriteGate, 'mode'>
  readonly onAppended?: (head: LogHead) => void
  readonly onContradiction?: (detail: string) => void
}

/** What a process does for the log by itself. */
export interface LogLoop {
  start(): void
  stop(): Promise<void>
  drainNow(): Promise<void>
}

/** Leads whenever nobody else does, and looks at the head meanwhile. */
export function createLogLoop(parts: LogLoopParts): LogLoop {
  const { db, leaderDb, log, origin, ambient } = parts
  const work = createBell()
  const idle = createBell()
  let running: { controller: AbortController; ended: Promise<void> } | undefined
  let contradiction: LogContradiction | undefined
  let sizeSeen = 0

  async function noticeHead(): Promise<void> {
    const head = await parts.head.refresh()
    if (head.size <= sizeSeen) return
    sizeSeen = head.size
    parts.onAppended?.(head)
  }

  function contradict(error: LogContradiction): void {
    if (contradiction !== undefined) return
    contradiction = error
    log.fatal(
      { err: error, 'log.origin': origin },
      'the log contradicts itself: nothing is appended any more',
    )
    parts.onContradiction?.(error.message)
  }

  const leading: LeadingParts = {
    ...parts,
    mayWrite: () => parts.gate === undefined || parts.gate.mode() === 'read-write',
    onHead: noticeHead,
  }
  const lead = (how: Parameters<typeof leadWhile>[1]): Promise<boolean> =>
    leadWhile({ db: leaderDb, log, origin }, async (leadership) => {
      demandNotPutBack(leadership.size)
      await how(leadership)
    })

  /** A term begins where the session before it was lost, which is how a restore or a failover looks from here. */
  function demandNotPutBack(size: number): void {
    if (size >= sizeSeen) return
    throw new LogContradiction(
      `the database has ${size} entries of the log, of which this process has shown ${sizeSeen}: it was put back`,
    )
  }

  async function run(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted && contradiction === undefined) {
      const startedAt = ambient.now().getTime()
      try {
        if (leading.mayWrite()) {
          await lead((leadership) => leadUntil(leading, leadership, { work, signal }))
        }
        await noticeHead()
        failures = 0
      } catch (error) {
        failures = ambient.now().getTime() - startedAt > GOOD_TERM_MS ? 1 : failures + 1
        if (error instanceof LogContradiction) contradict(error)
        else if (error instanceof LeadershipLost) log.warn({ err: error }, 'another process leads the log')
        else if (!signal.aborted) log.error({ err: error }, 'leading the log failed; it is tried again')
      }
      await idle.wait(CONTEND_MS * 2 ** Math.min(CONTEND_DOUBLINGS_MAX, Math.max(0, failures - 1)), signal)
    }
  }

  async function leadAlone(): Promise<void> {
    try {
      await lead((leadership) => leadOnce(leading, leadership))
    } catch (error) {
      if (error instanceof LogContradiction) contradict(error)
      // A session that was lost under way: what it left is seen, and done, the next time round.
      if (!isRetryable(error)) throw error
      log.warn({ err: error }, 'the leader lost its session')
    }
  }

  return {
    start() {
      if (running !== undefined) return
      const controller = new AbortController()
      running = { controller, ended: run(controller.signal) }
    },
    async stop() {
      running?.controller.abort()
      await running?.ended
      running = undefined
    },
    async drainNow() {
      if (contradiction !== undefined) throw contradiction
      if (!leading.mayWrite()) throw new Error('the node only reads: nothing is appended')
      const last = await readLastQueued(db)
      const deadline = ambient.now().getTime() + DRAIN_MS_MAX
      const pause = createBell()
      for (;;) {
        if (running === undefined) await leadAlone()
        else work.ring()
        const waits = last !== undefined && (await hasQueuedUpTo(db, last))
        const { size } = (await readLogState(db)) ?? { size: 0 }
        if (!waits && (await parts.head.refresh()).size >= size) return
        if (ambient.now().getTime() > deadline) throw new Error('the log was not drained in time')
        await pause.wait(DRAIN_POLL_MS, new AbortController().signal)
      }
    },
  }
}
