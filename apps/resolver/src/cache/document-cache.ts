import { documentBytes, type CachedDocument, type DocumentCache } from '@arc3088/client'
import { LRUCache } from 'lru-cache'

/** Documents of other nodes in memory: at most `bytesMax`, what was used longest ago goes first. */
export function createDocumentCache(bytesMax: number): DocumentCache {
  const documents = new LRUCache<string, CachedDocument>({
    maxSize: bytesMax,
    sizeCalculation: (document, key) => documentBytes(key, document),
  })
  return {
    get: (key) => documents.get(key),
    set: (key, document) => void documents.set(key, document),
  }
}
