import { signKeyHistory, type CompactJws, type HistoricalKey, type KeyRing } from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { IssuerTables } from '../db/tables.ts'
import { reuseStatement } from '../federation/reused-statement.ts'
import type { NodeKey } from './key.ts'
import { readKeys } from './key.store.ts'

/** A history that says the same is signed afresh at most this often. */
const HISTORY_REUSE_SECONDS = 10

/** What a key history is made of. */
export interface KeyHistoryParts {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Ambient
  readonly entityId: string
  readonly keys: Pick<KeyRing, 'active'>
}

/**
 * Signs the keys that a node used before, with its federation key (OpenID Federation 1.0 §8.7): at once when a key has
 * ended, so that its records never stand between the keys in use and those of before, else at most once in a while.
 */
export function createKeyHistory(parts: () => KeyHistoryParts): () => Promise<CompactJws> {
  let kept: { said: string; statement: () => Promise<CompactJws> } | undefined
  return async () => {
    const { db, ambient, entityId, keys } = parts()
    const history = (await readKeys(db)).map(asHistorical).filter((key) => key !== undefined)
    const said = JSON.stringify([keys.active('federation').kid, history])
    if (kept?.said !== said) {
      const sign = async () =>
        await signKeyHistory(keys.active('federation'), {
          iss: entityId,
          iat: numericDate(ambient.now()),
          keys: history,
        })
      kept = { said, statement: reuseStatement(() => ambient.now(), HISTORY_REUSE_SECONDS, sign) }
    }
    return await kept.statement()
  }
}

/** A key as the history shows it, or undefined while it is still in use or going out. */
export function asHistorical(key: NodeKey): HistoricalKey | undefined {
  const { purpose, jwk, announcedAt, activatedAt, retiredAt, compromisedAt } = key
  const end = retiredAt ?? compromisedAt
  if (end === null) return undefined
  return {
    ...jwk,
    purpose,
    iat: numericDate(announcedAt),
    ...(activatedAt === null ? {} : { nbf: numericDate(activatedAt) }),
    exp: numericDate(end),
    ...(compromisedAt === null
      ? {}
      : { revoked: { revoked_at: numericDate(compromisedAt), reason: 'compromised' } }),
  }
}
