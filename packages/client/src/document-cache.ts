import { createBoundedMap } from './bounded-map.ts'

/** A document as it was fetched, with what its kind and its signer allow. Times are milliseconds since the epoch. */
export interface CachedDocument {
  readonly status: number
  readonly mediaType: string
  readonly body: string
  readonly fetchedAt: number
  /** Until then it is used without asking again. */
  readonly freshUntil: number
  /** Until then it is used where nobody can be asked; never past the expiry that its signer set. */
  readonly usableUntil: number
}

/** How long and how much: what a cache needs to know besides the document. */
export interface CacheLimits {
  readonly bytes: number
  /** Milliseconds since the epoch after which the document is of no use to anybody. */
  readonly until: number
}

/**
 * Where fetched documents are kept. It may forget anything at any time, and may be slow; it need not be trusted, since
 * everything that comes out of it is verified again before it is believed.
 */
export interface DocumentCache {
  get(key: string): CachedDocument | undefined | Promise<CachedDocument | undefined>
  set(key: string, document: CachedDocument, limits: CacheLimits): void | Promise<void>
}

const CACHE_BYTES_MAX = 32 * 1024 * 1024

/** Weight of an entry besides its text: the object, the map's place, the key. */
const ENTRY_BYTES = 512

/** What a document takes in memory, about; texts here are ASCII, one byte a character. */
export function documentBytes(key: string, { body }: CachedDocument): number {
  return ENTRY_BYTES + key.length + body.length
}

/** A cache in memory that forgets what was used longest ago once it holds `bytesMax`. */
export function createMemoryCache({ bytesMax = CACHE_BYTES_MAX }: { bytesMax?: number } = {}): DocumentCache {
  const documents = createBoundedMap<CachedDocument>(bytesMax, documentBytes)
  return {
    get: (key) => documents.get(key),
    set: (key, document) => documents.set(key, document),
  }
}
