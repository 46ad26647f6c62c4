import {
  packStatusList,
  signStatusListToken,
  STATUS,
  STATUS_BITS,
  STATUS_TOKEN_LIFETIME_SECONDS,
  type CompactJws,
  type Signer,
  type StatusValue,
} from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'

import type { IssuerTables } from '../db/tables.ts'
import { readStatusEntries } from './status-list.store.ts'

/** Signs the token of a list as it stands, or undefined where there is no such list. */
export type SignStatusList = (list: number) => Promise<CompactJws | undefined>

/** A token is signed again at most this often: what was committed shows within a second. */
const TOKEN_REUSE_MILLISECONDS = 1000
const TOKENS_KEPT_MAX = 256

const STATUS_VALUES: ReadonlySet<number> = new Set(Object.values(STATUS))

/** Builds the signer of one node's lists (wire-format W7). `ttlSeconds`: how long a reader may keep a token. */
export function createStatusListSigner(parts: {
  db: Kysely<IssuerTables>
  ambient: Ambient
  signer: Signer
  entityId: string
  ttlSeconds: number
  statusListUri(list: number): string
}): SignStatusList {
  const { db, ambient, signer, entityId, ttlSeconds, statusListUri } = parts
  const kept = new LRUCache<number, { token: Promise<CompactJws | undefined> }>({
    max: TOKENS_KEPT_MAX,
    ttl: TOKEN_REUSE_MILLISECONDS,
  })

  async function sign(list: number): Promise<CompactJws | undefined> {
    const entries = await readStatusEntries(db, list)
    if (entries === undefined) return undefined
    const iat = numericDate(ambient.now())
    return await signStatusListToken(signer, {
      iss: entityId,
      sub: statusListUri(list),
      iat,
      exp: iat + STATUS_TOKEN_LIFETIME_SECONDS,
      ttl: ttlSeconds,
      status_list: {
        bits: STATUS_BITS,
        lst: await packStatusList(entries.map(({ index, status }) => [index, asStatusValue(status)])),
      },
    })
  }

  return async (list) => {
    const known = kept.get(list)
    if (known !== undefined) return await known.token
    const token = sign(list)
    kept.set(list, { token })
    const forget = () => {
      if (kept.peek(list)?.token === token) kept.delete(list)
    }
    // A failure is its asker's, and a list that does not exist may be opened the next moment.
    token.then((signed) => (signed === undefined ? forget() : undefined), forget)
    return await token
  }
}

function asStatusValue(value: number): StatusValue {
  if (!STATUS_VALUES.has(value)) throw new Error(`${value} is a reserved status`)
  return value as StatusValue
}
