import type { RootKeySetJws } from '@arc3088/records'
import { ConfigError, numericDate, repeat, type Log } from '@arc3088/service'

import { acceptKeySets, joinKeySets, type KeySetParts } from './accept-key-sets.ts'
import { readStoredKeySets } from './root-key-set.store.ts'
import { walkRootKeySets, type RootKeySets } from './root-key-sets.ts'

/** The key sets of a running root, which grow while it runs. */
export interface KeySetBook {
  /** All sets in force, oldest first. */
  published(): readonly RootKeySetJws[]
  /** When the newest of them ends, in seconds since 1970. */
  expiresAt(): number
  stop(): Promise<void>
}

/** What the book follows. */
export interface KeySetBookParts extends KeySetParts {
  readonly log: Log
  /** What was read at the start, joined with what was in force before. */
  readonly sets: RootKeySets
  /** The text of `ROOT_KEY_SETS_FILE` as it is now; throws where it cannot be read. */
  readText(): string
  /** Throws while this node only reads. */
  demandWritable(): void
}

/** How soon a new file, or a set that another process accepted, is noticed. */
const FOLLOW_MILLISECONDS = 2000
/** A set that ends in less than this needs a successor: a ceremony takes its time. */
const ENDING_SECONDS = 30 * 86_400
const WARN_SECONDS = 86_400

/**
 * Follows the file and the database: a file that holds the next set brings it into force, for every process of the
 * node; anything else is refused, said in the log, and changes nothing.
 */
export function openKeySetBook(parts: KeySetBookParts): KeySetBook {
  const { db, entityId, ambient, log } = parts
  let current = parts.sets
  let readText: string | undefined
  let warnedAt = 0

  async function followFile(): Promise<void> {
    const text = parts.readText()
    if (text === readText) return
    const given = await walkRootKeySets(text, entityId)
    parts.demandWritable()
    const accepted = await acceptKeySets(parts, given)
    readText = text
    show(accepted)
  }

  async function followDatabase(): Promise<void> {
    const stored = await readStoredKeySets(db, current.newest.seq + 1)
    if (stored.length > 0) show(await joinKeySets(parts, current, stored))
  }

  function show(sets: RootKeySets): void {
    if (sets.newest.seq <= current.newest.seq) return
    current = sets
    log.info(
      { 'key_set.seq': sets.newest.seq, 'key_set.threshold': sets.newest.threshold },
      'a new root key set is in force',
    )
  }

  function warnOfEnd(): void {
    const now = numericDate(ambient.now())
    const { seq, exp } = current.newest
    if (exp - now > ENDING_SECONDS || now - warnedAt < WARN_SECONDS) return
    warnedAt = now
    log.warn(
      { 'key_set.seq': seq, 'key_set.exp': new Date(exp * 1000).toISOString() },
      'the root key set ends soon',
    )
  }

  const following = repeat(
    async () => {
      warnOfEnd()
      await followDatabase()
      await followFile()
    },
    {
      milliseconds: FOLLOW_MILLISECONDS,
      onFault: (error) =>
        error instanceof ConfigError
          ? log.error({ err: error }, 'the root key sets that were given are refused')
          : log.warn({ err: error }, 'the root key sets cannot be followed'),
    },
  )
  return {
    published: () => current.published,
    expiresAt: () => current.newest.exp,
    stop: following.stop,
  }
}
