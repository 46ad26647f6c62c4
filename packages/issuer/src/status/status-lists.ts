import type { CompactJws, Signer } from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'

import type { IssuerTables } from '../db/tables.ts'
import { createKeptList, type JudgeEntries, type KeptList } from './kept-list.ts'
import { readChangesSince, readSnapshot } from './status-change.store.ts'
import { readStatusEntries, readStatusListNumbers } from './status-list.store.ts'

/** Answers the token of a list as it stands, or undefined where there is no such list. */
export type SignStatusList = (list: number) => Promise<CompactJws | undefined>

/** The status lists of a node as one of its processes keeps and signs them (wire-format W7). */
export interface StatusLists {
  /** The token of a list: it says what was committed up to a second ago, or less. */
  readonly sign: SignStatusList
  /** The addresses of all lists, oldest first, as of at most a second ago. */
  uris(): Promise<string[]>
  /** Learns what was committed before the call, and signs the kept lists that changed; answers how many. */
  publishDirty(): Promise<number>
  standing(): StatusListStanding
}

/** How far one process is behind with its lists. */
export interface StatusListStanding {
  /** Kept lists that changed and are not signed again. */
  readonly dirty: number
  /** When lists were first found changed that could not all be signed since. */
  readonly unsignedSince: Date | undefined
  /** Every change that was committed before is known here; undefined before the first look. */
  readonly knownUpTo: Date | undefined
}

/** What a process knows of its lists is at most this old when it answers. */
const KNOWN_AGE_MILLISECONDS = 1000
/** Lists kept in memory, at about 64 KiB of bits and at most twice that of token each; others are read when asked for. */
const LISTS_KEPT_MAX = 512
/** More changes at once than this are not followed one by one; the lists are read again. */
const CHANGES_READ_MAX = 200_000
const SIGNING_AT_ONCE = 8

/** Builds the lists of one process. Any number of processes keep the same lists, each following the database. */
export function createStatusLists(parts: {
  db: Kysely<IssuerTables>
  ambient: Ambient
  signer: () => Signer
  entityId: string
  /** How long a reader may keep a token. */
  ttlSeconds: number
  statusListUri(list: number): string
  /** Which entries may be signed, where not all that stand in the database. */
  judgeEntries?: JudgeEntries | undefined
  listsKeptMax?: number
  changesReadMax?: number
}): StatusLists {
  const { db, ambient, signer, entityId, ttlSeconds, statusListUri } = parts
  const { listsKeptMax = LISTS_KEPT_MAX, changesReadMax = CHANGES_READ_MAX } = parts
  const kept = new LRUCache<number, KeptList>({ max: listsKeptMax })
  const tokenParts = {
    entityId,
    ttlSeconds,
    statusListUri,
    signer,
    knownUpTo: () => numericDate(knownUpTo),
    reached: (step: string) => ambient.reached(step),
    judge: parts.judgeEntries,
  }
  let snapshot: string | undefined
  let knownUpTo = new Date(0)
  let numbers: { known: number[]; at: number } | undefined
  let unsignedSince: Date | undefined
  let queue: Promise<unknown> = Promise.resolve()

  /**
   * One reader at a time: each snapshot then contains all that the one before it did, so that a list that was read
   * whole is never put back by a change that was read before it.
   */
  async function inTurn<Value>(read: () => Promise<Value>): Promise<Value> {
    const turn = queue.then(read)
    queue = turn.catch(() => undefined)
    return await turn
  }

  async function follow(): Promise<void> {
    const asked = ambient.now()
    if (snapshot === undefined) {
      snapshot = await readSnapshot(db)
    } else {
      const seen = await readChangesSince(db, snapshot, [...kept.keys()], changesReadMax)
      ambient.reached('status:read')
      if (seen.changes.length === changesReadMax) kept.clear()
      else for (const { list, index, status } of seen.changes) kept.peek(list)?.apply(index, status)
      snapshot = seen.snapshot
    }
    knownUpTo = asked
  }

  async function load(number: number): Promise<KeptList | undefined> {
    const known = kept.get(number)
    if (known !== undefined) return known
    const entries = await readStatusEntries(db, number)
    if (entries === undefined) return undefined
    const list = createKeptList(number, tokenParts)
    for (const { index, status } of entries) list.apply(index, status)
    kept.set(number, list)
    return list
  }

  function isFresh(): boolean {
    return ambient.now().getTime() - knownUpTo.getTime() < KNOWN_AGE_MILLISECONDS
  }

  return {
    async sign(number) {
      // Whoever waited in turn for another may find that it learned enough.
      if (!isFresh()) await inTurn(async () => (isFresh() ? undefined : await follow()))
      const list = kept.get(number) ?? (await inTurn(() => load(number)))
      return await list?.token()
    },
    async uris() {
      const now = ambient.now().getTime()
      if (numbers === undefined || now - numbers.at >= KNOWN_AGE_MILLISECONDS) {
        numbers = { known: await readStatusListNumbers(db), at: now }
      }
      return numbers.known.map(statusListUri)
    },
    async publishDirty() {
      await inTurn(follow)
      const dirty = [...kept.values()].filter((list) => list.isDirty())
      unsignedSince = dirty.length === 0 ? undefined : (unsignedSince ?? ambient.now())
      const next = dirty.values()
      const signers = Array.from({ length: SIGNING_AT_ONCE }, async () => {
        for (const list of next) await list.token()
      })
      await Promise.all(signers)
      unsignedSince = undefined
      return dirty.length
    },
    standing: () => ({
      dirty: [...kept.values()].filter((list) => list.isDirty()).length,
      unsignedSince,
      knownUpTo: knownUpTo.getTime() === 0 ? undefined : knownUpTo,
    }),
  }
}
