import { setTimeout as sleep } from 'node:timers/promises'

import { formatSegment } from '@arc3088/codec'
import type { Log } from '@arc3088/service'

import type { AppointmentDoor } from '../appointment/appointment.ts'
import { sendEndorsements, type EndorsementSender } from './send-endorsements.ts'

const WAIT_MILLISECONDS = 1000
const WAIT_MILLISECONDS_MAX = 30_000

/** Tells the root of changes of keys for as long as the node runs; what fails is said once, and tried again. */
export function keepEndorsed(
  parts: EndorsementSender & { readonly appointment: AppointmentDoor; readonly log: Log },
): { stop(): Promise<void> } {
  const { appointment, log } = parts
  const stopping = new AbortController()

  async function round(): Promise<void> {
    if (!appointment.isKnown()) return
    const { code, word } = appointment.demand()
    await sendEndorsements(parts, {
      code: formatSegment(code.provider),
      rootConfiguration: word.root_configuration,
    })
  }

  async function run(): Promise<void> {
    let waitMs = WAIT_MILLISECONDS
    let lastFault = ''
    while (!stopping.signal.aborted) {
      try {
        await round()
        lastFault = ''
        waitMs = WAIT_MILLISECONDS
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error)
        if (fault !== lastFault) log.warn({ err: error }, 'the root has not confirmed a change of a key')
        lastFault = fault
        waitMs = Math.min(waitMs * 2, WAIT_MILLISECONDS_MAX)
      }
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(ignoreAbort)
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError') return
  throw error
}
