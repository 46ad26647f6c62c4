import { RegistryError } from '@arc3088/problems'
import { repeat, type Ambient, type Log, type Repetition } from '@arc3088/service'

import type { ForeignRoots } from './foreign-roots.ts'

/** How often a pinned root is asked for its keys and its configuration, and after a failure. */
const REFRESH_MILLISECONDS = 300_000
const RETRY_MILLISECONDS = 30_000
const LOOK_EVERY_MILLISECONDS = 1000

/** Asks the pinned roots again and again for what they say of themselves; one that does not answer holds up no other. */
export function keepRefreshing(
  foreignRoots: ForeignRoots,
  { ambient, log }: { ambient: Pick<Ambient, 'now'>; log: Log },
): Repetition {
  const dueAt = new Map<string, number>()
  const turn = async (): Promise<void> => {
    const now = ambient.now().getTime()
    const roots = [...(await foreignRoots.all()).values()].filter((root) => root.pinned)
    const due = roots.filter((root) => (dueAt.get(root.entityId) ?? 0) <= now)
    await Promise.all(
      due.map(async (root) => {
        try {
          await foreignRoots.refresh(root)
          dueAt.set(root.entityId, now + REFRESH_MILLISECONDS)
        } catch (error) {
          if (!(error instanceof RegistryError)) throw error
          dueAt.set(root.entityId, now + RETRY_MILLISECONDS)
          log.warn({ err: error, 'entity.id': root.entityId }, 'a pinned root could not be asked')
        }
      }),
    )
  }
  return repeat(turn, {
    milliseconds: LOOK_EVERY_MILLISECONDS,
    onFault: (error) => log.error({ err: error }, 'pinned roots could not be refreshed'),
  })
}
