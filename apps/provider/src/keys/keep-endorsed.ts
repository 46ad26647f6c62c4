import { formatSegment } from '@arc3088/codec'
import { repeat, type Log, type Repetition } from '@arc3088/service'

import type { AppointmentDoor } from '../appointment/appointment.ts'
import { sendEndorsements, type EndorsementSender } from './send-endorsements.ts'

const WAIT_MILLISECONDS = 1000
const WAIT_MILLISECONDS_MAX = 30_000

/** Tells the root of changes of keys for as long as the node runs; what fails is said once, and tried again. */
export function keepEndorsed(
  parts: EndorsementSender & { readonly appointment: AppointmentDoor; readonly log: Log },
): Repetition {
  const { appointment, log } = parts
  async function round(): Promise<void> {
    if (!appointment.isKnown()) return
    const { code, word } = appointment.demand()
    await sendEndorsements(parts, {
      code: formatSegment(code.provider),
      rootConfiguration: word.root_configuration,
    })
  }

  return repeat(round, {
    milliseconds: WAIT_MILLISECONDS,
    slowestMilliseconds: WAIT_MILLISECONDS_MAX,
    onFault: (error) => log.warn({ err: error }, 'the root has not confirmed a change of a key'),
  })
}
