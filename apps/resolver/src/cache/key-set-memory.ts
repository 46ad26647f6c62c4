import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { createKeySetMemory, formatSeenKeySet, readSeenKeySet, type KeySetMemory } from '@arc3088/client'
import { ConfigError, type Log } from '@arc3088/service'
import type { PinnedAnchor, SeenKeySet } from '@arc3088/trust'

/**
 * The memory of the root's key sets: as long as this process, and with a file, longer. Throws ConfigError where the file
 * is damaged: whoever cannot tell what was met before must not go on as if nothing was.
 */
export async function openKeySetMemory(
  file: string | undefined,
  anchor: PinnedAnchor,
  log: Log,
): Promise<KeySetMemory> {
  if (file === undefined) return createKeySetMemory()
  const known = existsSync(file) ? await readSeenKeySet(anchor, readFileSync(file, 'utf8')) : 'other'
  if (known === 'unreadable')
    throw new ConfigError([`ROOT_KEY_SETS_SEEN_FILE: ${file} does not say which key set was met`])
  return createKeySetMemory(known === 'other' ? undefined : known, (set) => {
    void keep(file, anchor, { set, log })
  })
}

async function keep(
  file: string,
  anchor: PinnedAnchor,
  { set, log }: { set: SeenKeySet; log: Log },
): Promise<void> {
  const text = await formatSeenKeySet(anchor, set)
  try {
    writeFileSync(`${file}.draft`, text)
    renameSync(`${file}.draft`, file)
  } catch (error) {
    log.error({ err: error, 'key_set.seq': set.seq }, 'the newest key set is not remembered')
  }
}
