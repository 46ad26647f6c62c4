import { readChange, type KeyRing } from '@arc3088/records'
import { AUTHORITY_LIST_TTL_SECONDS } from '@arc3088/records'
import { repeat, type Log, type Repetition } from '@arc3088/service'

import { takeScenarios } from '../scenarios/take-scenarios.ts'
import type { RootDesk } from './root-desk.ts'
import { sendAcknowledgements } from './send-acknowledgements.ts'
import { takeAdvisories } from './take-advisories.ts'

const WAIT_MILLISECONDS = 2000
const WAIT_MILLISECONDS_MAX = 30_000
const CHANGES_A_PAGE = 1000
const CHANGES_BYTES_MAX = 2 * 1024 * 1024
const FEED_MEDIA_TYPE = 'application/x-ndjson'
/** Changes after which the lists of the root may say something else. */
const TELLING: readonly string[] = ['advisory', 'list']

/** Everything of the root's desk that concerns this provider, and who answers to it. */
export type AdvisedParts = RootDesk & {
  readonly keys: Pick<KeyRing, 'active'>
  readonly entityId: string
  readonly log: Log
}

/**
 * Keeps this provider advised for as long as it runs: it reads on in the root's feed, and asks for the lists when the feed
 * tells of one, or when the ttl of what it has is over; and it tells the root what its staff acknowledged. What fails is
 * said once, and tried again; what was taken before stays.
 */
export function keepAdvised(parts: AdvisedParts): { stop(): Promise<void> } {
  const { appointment, ambient, log } = parts
  let after: number | undefined = 0
  let dueAt = 0

  async function lists(): Promise<void> {
    if (!appointment.isKnown()) return
    const told = await readFeed(parts, after)
    const now = ambient.now().getTime()
    if (told.isTelling || now >= dueAt) {
      await takeAdvisories(parts)
      await takeScenarios(parts)
      dueAt = now + AUTHORITY_LIST_TTL_SECONDS * 1000
    }
    // Only now: what the feed told must not be forgotten before it was seen to.
    after = told.after
  }

  async function answers(): Promise<void> {
    if (appointment.isKnown()) await sendAcknowledgements(parts)
  }

  const options = (what: string) => ({
    milliseconds: WAIT_MILLISECONDS,
    slowestMilliseconds: WAIT_MILLISECONDS_MAX,
    onFault: (error: unknown) => log.warn({ err: error }, what),
  })
  const running: readonly Repetition[] = [
    repeat(lists, options('the lists of the root could not be taken')),
    repeat(answers, options('the root has not taken an acknowledgement')),
  ]
  return {
    async stop() {
      await Promise.all(running.map((each) => each.stop()))
    },
  }
}

/**
 * One page of the root's feed after a change. A feed that does not go back so far, or has not come so far, is begun anew;
 * meanwhile the ttl alone says when to ask.
 */
async function readFeed(
  { door, rootUrl }: AdvisedParts,
  after: number | undefined,
): Promise<{ isTelling: boolean; after: number | undefined }> {
  const { status, body } = await door.fetch({
    url: `${rootUrl}/v1/changes?after=${after ?? 0}&limit=${CHANGES_A_PAGE}`,
    headers: { accept: FEED_MEDIA_TYPE },
    bytesMax: CHANGES_BYTES_MAX,
  })
  if (status !== 200) return { isTelling: false, after: 0 }
  const changes = body.split('\n').flatMap((line) => readChange(line) ?? [])
  const last = changes.at(-1)
  return {
    isTelling: changes.some(({ t }) => TELLING.includes(t)),
    after: last === undefined ? after : Number(last.seq),
  }
}
