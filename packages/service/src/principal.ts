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
  /** Actions of the authorisation table that this credential is held to, within the roles; all of them where unsaid. */
  readonly scopes?: readonly string[]
  /** What it came with. */
  readonly credential?: Credential
}

/** A stored credential, without what is secret of it. */
export interface Credential {
  readonly id: string
  /** What the node calls its kind, such as `token` or `session`. */
  readonly kind: string
  readonly expiresAt: Date | null
}

/** Somebody without a credential. */
export const ANYONE: Principal = { kind: 'anyone', id: 'anyone', roles: ['anyone'] }

/** A stored token with the principal it stands for. */
export interface TokenHolder {
  readonly secretHash: Uint8Array
  readonly expiresAt: Date | null
  readonly principal: Principal
  /** Called once a lookup, after the secret was found right: notes that it is in use. */
  noteUse?(): Promise<void>
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

/** An authenticator that can be told to ask anew. */
export interface Authenticator extends Authenticate {
  /** Forgets what it knows of every token: what this process has just revoked stops working in it at once. */
  forget(): void
}

/** Builds the authenticator of a node. Only good and lasting lookups are cached: a new token or role works at once. */
export function createAuthenticator(findTokenHolder: FindTokenHolder, now: () => Date): Authenticator {
  const cache = new LRUCache<string, TokenHolder>({
    max: TOKEN_CACHE_ENTRIES,
    ttl: TOKEN_CACHE_SECONDS * 1000,
    // The node's own clock, read each time: the library would keep a reading of another clock for a while.
    perf: { now: () => now().getTime() },
    ttlResolution: 0,
  })
  const authenticate: Authenticate = async (authorization) => {
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
    if (known === undefined) await holder.noteUse?.()
    // Kept from when it was asked for, since it may have been revoked while the answer was on its way.
    if (known === undefined && holder.principal.provisional !== true)
      cache.set(token.id, holder, { start: askedAt.getTime() })
    return holder.principal
  }
  return Object.assign(authenticate, { forget: () => cache.clear() })
}
