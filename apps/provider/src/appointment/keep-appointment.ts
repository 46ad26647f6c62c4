import { setTimeout as sleep } from 'node:timers/promises'

import { formatSegment } from '@arc3088/codec'
import type { ServedTerm } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'
import { numericDate, type Ambient, type Log } from '@arc3088/service'
import { isGood, type PinnedAnchor } from '@arc3088/trust'

import type { StoredWord } from './appointment.store.ts'
import {
  mandateOf,
  takesBackRetirement,
  verifyWord,
  type Appointment,
  type AppointmentDoor,
} from './appointment.ts'
import { fetchWord, withFreshStatus, type WordSource } from './fetch-word.ts'
import { chainDueAt, statesFederationKeys, tokensDueAt, type RootWord } from './root-word.ts'
import type { TellLog } from './tell-log.ts'

/** What the keeper is made of. */
export interface KeeperParts {
  readonly source: WordSource
  /** This node. */
  readonly entityId: string
  readonly anchor: PinnedAnchor
  readonly ambient: Ambient
  readonly log: Log
  readonly readWord: () => Promise<StoredWord | undefined>
  readonly saveWord: (stored: StoredWord, predecessors: readonly ServedTerm[]) => Promise<void>
  /** The newest key of this node's own log, and how the root hears of it where it does not know the log. */
  readonly ownLogVkey: () => string
  readonly tellLog: TellLog
}

/** Holds the appointment and keeps it fresh until it is stopped. */
export interface AppointmentKeeper extends AppointmentDoor {
  stop(): Promise<void>
}

const WAIT_SECONDS_MIN = 1
const WAIT_SECONDS_MAX = 30
const CHAIN_SECONDS_MIN = 60
/** Slow growth: whoever was approved within a minute of applying should not wait half a minute more. */
const WAIT_GROWTH = 1.3

/**
 * Reads the root's last word from the database, so that a restart works while the root is down, and then asks the
 * root for as long as the node runs: every second at first while there is no code yet, later by the validity of
 * what was said. What the root cannot give now stays as it last was. The first code ever stored is this node's for
 * ever, also when the word that came with it is not believed any more: no other one is taken. A word without this
 * node's log is taken, and the root is told of the log until it names it.
 */
export async function keepAppointment(parts: KeeperParts): Promise<AppointmentKeeper> {
  const { source, ambient, log } = parts
  const trust = { anchor: parts.anchor, entityId: parts.entityId, assignee: source.assignee }
  const stored = await parts.readWord()
  let current = stored === undefined ? undefined : await restore(parts, stored)
  let fixedCode = stored?.code
  let lastLogFault = ''
  let isDoubted = false
  const stopping = new AbortController()

  async function refresh(): Promise<void> {
    // A word that does not verify may be old and new in one: then all of it is asked for again.
    const word = isDoubted
      ? await fetchWord(source, current?.word)
      : await askRoot(source, current, ambient.now())
    if (word === undefined) return
    const verdict = await verifyWord(word, { ...trust, at: ambient.now() })
    isDoubted = 'detail' in verdict
    if ('detail' in verdict) {
      throw new RegistryError('upstream-unreachable', `The root's word does not verify: ${verdict.detail}`)
    }
    if (fixedCode !== undefined && fixedCode !== verdict.code.text) {
      throw new RegistryError(
        'upstream-unreachable',
        `The root now names ${verdict.code.text}, and this node is ${fixedCode} for ever`,
      )
    }
    if (takesBackRetirement(current, verdict))
      throw new RegistryError('upstream-unreachable', 'The root said before that this provider is retired')
    const { code, verifiedAt, predecessors } = verdict
    await parts.saveWord({ code: code.text, word, verifiedAt }, predecessors)
    if (current?.verdict !== verdict.verdict || current.servedBy !== verdict.servedBy) {
      log.info(
        {
          'provider.code': verdict.code.text,
          'provider.verdict': verdict.verdict,
          'provider.served-by': verdict.servedBy ?? parts.entityId,
        },
        "the root's word",
      )
    }
    fixedCode = verdict.code.text
    current = verdict
    await tellOfLog(verdict)
  }

  async function tellOfLog({ code, logs, servedBy }: Appointment): Promise<void> {
    if (servedBy !== undefined) return
    const { own } = logs
    try {
      if (own === undefined) await parts.tellLog(formatSegment(code.provider))
      else if (!own.vkeys.includes(parts.ownLogVkey()))
        throw new Error(`The root knows ${own.origin} by other keys than the one that signs it`)
      lastLogFault = ''
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      if (fault !== lastLogFault)
        log.error({ err: error }, "this node's log is not the one that the root knows")
      lastLogFault = fault
    }
  }

  /** Known, with a log, and with the proof from the root's: nothing is awaited of the root but what expires. */
  const isSettled = (): boolean => {
    if (current?.logs.own === undefined || current.servedBy !== undefined) return false
    // A root gives it as soon as its log has the record, and strangers may ask for it from then on.
    return current.word.log_proof !== undefined
  }

  async function run(): Promise<void> {
    let waitSeconds = WAIT_SECONDS_MIN
    let lastFault = ''
    while (!stopping.signal.aborted) {
      try {
        await refresh()
        lastFault = ''
        if (current !== undefined && isSettled()) waitSeconds = secondsUntilDue(current.word, ambient.now())
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error)
        if (fault !== lastFault) log.warn({ err: error }, "the root's word could not be had")
        lastFault = fault
        waitSeconds = Math.min(waitSeconds, WAIT_SECONDS_MAX)
      }
      await sleep(waitSeconds * 1000, undefined, { signal: stopping.signal }).catch(ignoreAbort)
      waitSeconds =
        isSettled() && lastFault === ''
          ? WAIT_SECONDS_MIN
          : Math.min(waitSeconds * WAIT_GROWTH, WAIT_SECONDS_MAX)
    }
  }

  const running = run()
  const demand = (): Appointment => {
    if (current === undefined) {
      throw new RegistryError(
        'awaiting-assignment',
        'The root has not assigned a code to this provider yet',
        {
          extra: { retry_after_seconds: WAIT_SECONDS_MIN },
        },
      )
    }
    return current
  }
  return {
    isKnown: () => current !== undefined,
    demand,
    mandate: () => mandateOf(demand(), ambient.now()),
    log: () => current?.logs ?? { own: undefined, root: undefined },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** The stored word is judged at the moment when it was found good: age alone does not unsay it. */
async function restore(parts: KeeperParts, stored: StoredWord): Promise<Appointment | undefined> {
  const { anchor, entityId, source, log } = parts
  const { assignee } = source
  const verdict = await verifyWord(stored.word, { anchor, entityId, assignee, at: stored.verifiedAt })
  if (!('detail' in verdict) && verdict.code.text === stored.code) return verdict
  const fault = 'detail' in verdict ? verdict.detail : `it names ${verdict.code.text}`
  log.error(
    { 'provider.code': stored.code, 'appointment.fault': fault },
    "the stored word of the root does not verify; only one that names this node's code is taken",
  )
  return undefined
}

async function askRoot(
  source: WordSource,
  current: Appointment | undefined,
  now: Date,
): Promise<RootWord | undefined> {
  // A node that another serves in the place of asks for all of it: it may be named any time. So does one that is
  // suspended, to hear of its end as soon as of its beginning.
  const isComplete =
    current?.logs.own !== undefined && current.servedBy === undefined && isGood(current.verdict)
  if (current === undefined || !isComplete || chainDueAt(current.word) <= numericDate(now))
    return await fetchWord(source, current?.word)
  if (!statesFederationKeys(current.word, await source.selfDescription()))
    return await fetchWord(source, current.word)
  return await withFreshStatus(source, current.word)
}

/** What was fetched a moment ago may be as old as caches let it be: it is not asked for again at once. */
function secondsUntilDue(word: RootWord, now: Date): number {
  const at = numericDate(now)
  const chain = Math.max(chainDueAt(word) - at, CHAIN_SECONDS_MIN)
  return Math.max(WAIT_SECONDS_MIN, Math.min(chain, tokensDueAt(word) - at))
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError') return
  throw error
}
