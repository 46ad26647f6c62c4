import { repeat, type Log, type Repetition } from '@arc3088/service'

import type { StatusLists } from './status-lists.ts'

/** Two looks a second: what was committed is signed within a second of it, with half of that for the work. */
const PUBLISH_EVERY_MILLISECONDS = 500

/** Signs changed lists again and again until it is stopped. A look that fails is logged, once a fault, and tried again. */
export function keepPublishing(lists: Pick<StatusLists, 'publishDirty'>, log: Log): Repetition {
  const publish = async (): Promise<void> => {
    await lists.publishDirty()
  }
  return repeat(publish, {
    milliseconds: PUBLISH_EVERY_MILLISECONDS,
    onFault: (error) => log.warn({ err: error }, 'status lists could not be published'),
  })
}
