import type { Ambient, Log } from '@arc3088/service'
import type { VerifierKey } from '@arc3088/tlog'
import type { Kysely } from 'kysely'

import { createBell, type Bell } from './bell.ts'
import type { IssuerTables } from '../db/tables.ts'
import type { Journal } from '../journal/journal.ts'
import type { AskWitness, WitnessAddress } from '../witness/ask-witness.ts'
import { createWitnessing, type Witnessing } from './witnessing.ts'
import type { HeadMemory } from './log-head.ts'
import type { CheckpointSigner } from './checkpoint-signer.ts'
import type { Leadership } from './leadership.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { LogContradiction } from './stored-edge.ts'
import { createSequencer, DRAIN_ENTRIES_MAX, type Sequencer } from './sequencer.ts'
import type { TileReader } from './tile-reader.ts'

export interface LeadingParts {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly log: Log
  readonly origin: string
  readonly signer: () => CheckpointSigner
  readonly logKeys: () => readonly VerifierKey[]
  readonly journal: Pick<Journal, 'appended' | 'checkpoint'>
  readonly tiles: TileReader
  readonly head: HeadMemory
  readonly witnesses: () => Promise<readonly WitnessAddress[]>
  readonly quorum: () => number
  readonly askWitness: AskWitness
  /** False while the node may only read. */
  readonly mayWrite: () => boolean
  /** Hears that the head has changed. */
  readonly onHead: () => Promise<void>
}

/** How often an idle leader looks for work. */
const IDLE_MS = 100
/** Witnesses are asked so often at most, and so often where there is nothing to ask. */
const ROUND_MS = 250
const NOTHING_TO_ASK_MS = 1000

interface Term {
  readonly sequencer: Sequencer
  readonly publisher: Publisher
  readonly witnessing: Witnessing
}

function beginWork(parts: LeadingParts, { session, term }: Leadership): Term {
  const { ambient, origin, signer } = parts
  return {
    sequencer: createSequencer({ session, ambient, term, origin, signer }),
    publisher: createPublisher(parts),
    witnessing: createWitnessing(parts),
  }
}

/** Appends all that waits, publishes it, and asks the witnesses once. */
export async function leadOnce(parts: LeadingParts, leadership: Leadership): Promise<void> {
  const { sequencer, publisher, witnessing } = beginWork(parts, leadership)
  for (;;) {
    const drain = await sequencer.drain()
    if (drain === undefined) break
    publisher.hold(drain)
    // As a leader would that has more to do than to wait for its journal.
    if (drain.entries.length < DRAIN_ENTRIES_MAX) await publish(parts, publisher)
  }
  await publish(parts, publisher)
  await witnessing.round(new AbortController().signal)
  await parts.head.refresh()
}

/**
 * Leads until `signal` is aborted: appends what waits, and beside it brings what was committed into the journal and
 * before the witnesses, neither of which holds up the other. The first that fails ends all three.
 */
export async function leadUntil(
  parts: LeadingParts,
  leadership: Leadership,
  { work, signal }: { work: Bell; signal: AbortSignal },
): Promise<void> {
  const { sequencer, publisher, witnessing } = beginWork(parts, leadership)
  const [committed, shown] = [createBell(), createBell()]
  const ending = new AbortController()
  const end = (): void => ending.abort()
  signal.addEventListener('abort', end)
  if (signal.aborted) end()

  const loops = [
    async () => {
      const drain = parts.mayWrite() ? await sequencer.drain() : undefined
      if (drain !== undefined) {
        publisher.hold(drain)
        committed.ring()
      }
      // A full drain leaves more behind; any other lets the next gather, which makes tiles of fewer bytes.
      if (drain === undefined || drain.entries.length < DRAIN_ENTRIES_MAX)
        await work.wait(IDLE_MS, ending.signal)
    },
    async () => {
      if (parts.mayWrite() && (await publish(parts, publisher))) shown.ring()
      await committed.wait(NOTHING_TO_ASK_MS, ending.signal)
    },
    async () => {
      const result = parts.mayWrite() ? await witnessing.round(ending.signal) : 'nothing-to-ask'
      if (result === 'witnessed') await parts.head.refresh()
      const pause = result === 'nothing-to-ask' ? NOTHING_TO_ASK_MS : ROUND_MS
      await (result === 'nothing-to-ask' ? shown : createBell()).wait(pause, ending.signal)
    },
  ]
  const failures: unknown[] = []
  // All three have to be over before the session is given back.
  await Promise.all(loops.map((step) => repeat(step, ending, failures)))
  signal.removeEventListener('abort', end)
  const gravest = failures.find((error) => error instanceof LogContradiction) ?? failures[0]
  if (gravest instanceof Error) throw gravest
  if (gravest !== undefined) throw new Error('what was thrown is no error', { cause: gravest })
}

async function publish(parts: LeadingParts, publisher: Publisher): Promise<boolean> {
  if ((await publisher.publish()) === undefined) return false
  await parts.onHead()
  return true
}

async function repeat(
  step: () => Promise<void>,
  ending: AbortController,
  failures: unknown[],
): Promise<void> {
  try {
    while (!ending.signal.aborted) await step()
  } catch (error) {
    failures.push(error)
  } finally {
    ending.abort()
  }
}
