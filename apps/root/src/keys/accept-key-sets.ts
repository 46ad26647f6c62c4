import { issuerTables, lockKeys, queueEntries, readKeys } from '@arc3088/issuer'
import type { RootKeySetJws } from '@arc3088/records'
import { ConfigError, numericDate, type Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { RootTables } from '../db/tables.ts'
import {
  demandInForce,
  demandNamedFederationKey,
  fault,
  walkKeySets,
  type RootKeySets,
} from './root-key-sets.ts'
import { insertKeySet, readStoredKeySets, type StoredKeySet } from './root-key-set.store.ts'

/** Where key sets come into force. */
export interface KeySetParts {
  readonly db: Kysely<RootTables>
  readonly ambient: Ambient
  readonly entityId: string
}

/** Key sets in force, and those among the rows that their signatures bear out. */
export interface JoinedKeySets extends RootKeySets {
  /** Hashes of the stored sets that count. */
  readonly kept: ReadonlySet<string>
}

/**
 * Joins the key sets that were given with those that were in force before: a file that is older takes nothing back.
 * Rows are believed only as far as their signatures lead on from what was given; others are as if they were not there.
 * Throws ConfigError for two different sets of one number that are both signed.
 */
export async function joinKeySets(
  { entityId }: Pick<KeySetParts, 'entityId'>,
  given: RootKeySets,
  stored: readonly StoredKeySet[],
): Promise<JoinedKeySets> {
  const kept = new Set(stored.filter(({ hash }) => given.hashes.includes(hash)).map(({ hash }) => hash))
  for (const row of stored.filter(({ seq, hash }) => seq <= given.newest.seq && !kept.has(hash))) {
    const before = given.published.slice(0, row.seq - 1)
    if ((await extend(before, row, entityId)) !== undefined)
      throw fault(`set ${row.seq} is not the set ${row.seq} that was in force before`)
  }
  let joined = given
  for (const row of stored.filter(({ seq }) => seq > given.newest.seq)) {
    const longer = await extend(joined.published, row, entityId)
    if (longer === undefined) continue
    kept.add(row.hash)
    joined = longer
  }
  return { ...joined, kept }
}

/** The sets with this row after them; undefined where it is not signed so that it follows. */
async function extend(
  before: readonly RootKeySetJws[],
  { hash, jws }: StoredKeySet,
  entityId: string,
): Promise<RootKeySets | undefined> {
  try {
    const walked = await walkKeySets([...before, JSON.parse(jws)], entityId)
    return walked.hashes.at(-1) === hash ? walked : undefined
  } catch (error) {
    if (error instanceof ConfigError || error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * Brings key sets into force, once for the whole node: what is new is kept for ever, and logged in the same transaction
 * (W8 `endorse`), before a federation key that it names can sign anything. The newest must name every federation key
 * that signs now, and its time must have come. Answers all sets in force; throws ConfigError, and then nothing changed.
 */
export async function acceptKeySets(parts: KeySetParts, given: RootKeySets): Promise<RootKeySets> {
  const { db, ambient } = parts
  const inForce = await db.transaction().execute(async (tx) => {
    // The lock of all that changes keys: no key is taken into use while the set that names it comes or goes.
    await lockKeys(issuerTables(tx))
    const stored = await readStoredKeySets(tx, 1)
    const joined = await joinKeySets(parts, given, stored)
    const fresh = joined.published.flatMap((jws, nth) => {
      const hash = joined.hashes[nth] ?? ''
      return joined.kept.has(hash) ? [] : [{ seq: nth + 1, hash, jws }]
    })
    if (fresh.length === 0) return joined
    const at = ambient.now()
    const keys = await readKeys(issuerTables(tx))
    demandInForce(joined, numericDate(at))
    for (const { kid } of keys.filter(({ purpose, state }) => purpose === 'federation' && state === 'active'))
      demandNamedFederationKey(joined, kid)
    for (const { seq, hash, jws } of fresh) {
      await insertKeySet(tx, { seq, hash, jws, acceptedAt: at })
      // The first set is what everybody pins: it says nothing new of any key.
      if (seq > 1)
        await queueEntries(
          issuerTables(tx),
          [{ v: 1, t: 'endorse', c: hash, h: hash, i: numericDate(at) }],
          at,
        )
    }
    return joined
  })
  ambient.reached('root-key-sets:accepted')
  return inForce
}
