import { RegistryError } from '@arc3088/problems'
import { LRUCache } from 'lru-cache'

import { isTokenSecret, readApiToken } from './api-token.ts'

/** Who asks. `id` never changes; `roles` are those of the authorisation table of the service that was asked. */
export interface Principal {
  readonly kind: string
  readonly id: string
  readonly roles: readonly string[]
  /** True where the roles are about to change: such a principal is read anew each time, never from the cache. */
  readonly provisional?: boolean
}

/** Somebody without a credential. */
export const ANYONE: Principal = { kind: 'anyone', id: 'anyone', roles: ['anyone'] }

/** A stored token with the principal it stands for. */
export interface TokenHolder {
  readonly secretHash: Uint8Array
  readonly expiresAt: Date | null
  readonly principal: Principal
}

/** Finds an unrevoked token by its id. */
export type FindTokenHolder = (tokenId: string) => Promise<TokenHolder | undefined>

/** A revoked token may go on working for this long, which is the price of not asking the database each time. */
export const TOKEN_CACHE_SECONDS = 5
const TOKEN_CACHE_ENTRIES = 10_000

/** RFC 6750 section 2.1; one credential and nothing after it. */
const BEARER = /^bearer +(\S+)$/i

/** Turns an `Authorization` header into a principal; throws `unauthenticated` when it holds no good token. */
export type Authenticate = (authorization: string | undefined) => Promise<Principal>

/** Builds the authenticator of a node. Only good and lasting lookups are cached: a new token or role works at once. */
export function createAuthenticator(findTokenHolder: FindTokenHolder, now: () => Date): Authenticate {
  const cache = new LRUCache<string, TokenHolder>({
    max: TOKEN_CACHE_ENTRIES,
    ttl: TOKEN_CACHE_SECONDS * 1000,
    // The node's own clock, read each time: the library would keep a reading of another clock for a while.
    perf: { now: () => now().getTime() },
    ttlResolution: 0,
  })
  return async (authorization) => {
    if (authorization === undefined) return ANYONE
    const [, credential] = BEARER.exec(authorization) ?? []
    const token = credential === undefined ? undefined : readApiToken(credential)
    if (token === undefined)
      throw new RegistryError('unauthenticated', 'The Authorization header holds no API token')
    const askedAt = now()
    const known = cache.get(token.id)
    const holder = known ?? (await findTokenHolder(token.id))
    if (holder === undefined || !isTokenSecret(token.secret, holder.secretHash)) {
      throw new RegistryError('unauthenticated', 'The API token is unknown or revoked')
    }
    if (holder.expiresAt !== null && holder.expiresAt <= askedAt) {
      throw new RegistryError('unauthenticated', 'The API token has expired')
    }
    // Kept from when it was asked for, since it may have been revoked while the answer was on its way.
    if (known === undefined && holder.principal.provisional !== true)
      cache.set(token.id, holder, { start: askedAt.getTime() })
    return holder.principal
  }
}
