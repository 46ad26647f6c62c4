import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import { LRUCache } from 'lru-cache'

/** Compressed tokens kept in memory, at most about 100 KiB each. */
const COMPRESSED_KEPT_MAX = 512

const gzipInPool = promisify(gzip)

/** Compresses the newest text under a name once, however often it is asked for. */
export type GzipMemory = (name: number, text: string) => Promise<Uint8Array<ArrayBuffer>>

/** Builds the memory of one process. A token is base64url of deflated bits, twice: gzip takes back what that cost. */
export function createGzipMemory(): GzipMemory {
  const kept = new LRUCache<number, { text: string; compressed: Promise<Uint8Array<ArrayBuffer>> }>({
    max: COMPRESSED_KEPT_MAX,
  })
  return async (name, text) => {
    const known = kept.get(name)
    if (known?.text === text) return await known.compressed
    const compressed = gzipInPool(text)
    kept.set(name, { text, compressed })
    return await compressed
  }
}

const GZIP = /^(?:gzip|x-gzip|\*)$/i

/** Whether a caller takes gzip (RFC 9110 section 12.5.3); who says nothing is not known to. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
  return acceptEncoding.split(',').some((part) => {
    const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim())
    return GZIP.test(coding) && !parameters.some((parameter) => /^q=0(?:\.0*)?$/i.test(parameter))
  })
}
