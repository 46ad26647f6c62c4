import { issuerTables, lockKeys, queueEntries, readKeys } from '@arc3088/issuer'
import { numericDate, type Ambient } from '@arc3088/service'
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

/**
 * Joins the key sets that were given with those that were in force before: a file that is older takes nothing back.
 * Rows are believed only as far as their signatures lead on from what was given. Throws ConfigError for two different
 * sets of one number.
 */
export async function joinKeySets(
  { entityId }: Pick<KeySetParts, 'entityId'>,
  given: RootKeySets,
  stored: readonly StoredKeySet[],
): Promise<RootKeySets> {
  for (const { seq, hash } of stored) {
    const other = given.hashes[seq - 1]
    if (other !== undefined && other !== hash)
      throw fault(`set ${seq} is not the set ${seq} that was in force before`)
  }
  const later = stored.filter(({ seq }) => seq > given.newest.seq).map(({ jws }): unknown => JSON.parse(jws))
  return later.length === 0 ? given : await walkKeySets([...given.published, ...later], entityId)
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
    const known = stored.at(-1)?.seq ?? 0
    const fresh = joined.published.slice(known)
    if (fresh.length === 0) return joined
    const at = ambient.now()
    const keys = await readKeys(issuerTables(tx))
    demandInForce(joined, numericDate(at))
    for (const { kid } of keys.filter(({ purpose, state }) => purpose === 'federation' && state === 'active'))
      demandNamedFederationKey(joined, kid)
    for (const [nth, jws] of fresh.entries()) {
      const seq = known + nth + 1
      const hash = joined.hashes[seq - 1] ?? ''
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
