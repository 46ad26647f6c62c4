import { hash } from 'node:crypto'

import type { Context, TypedResponse } from 'hono'

/** A public document with the rules by which others may keep it. */
export interface CacheableDocument {
  readonly body: string
  /** `etagOf(body)`, where it was made before. */
  readonly etag?: string
  readonly mediaType: string
  readonly status?: number
  /** Seconds for which a cache need not ask again; 0 is `no-cache`, which still allows 304. */
  readonly maxAgeSeconds: number
  readonly immutable?: boolean
  /** Request headers that choose among representations. */
  readonly vary?: string
}

/** The strong ETag of a body: what it says, and nothing of when. */
export function etagOf(body: string | Buffer): string {
  return `"${hash('sha256', body, 'base64url').slice(0, 27)}"`
}

/**
 * The headers of a cacheable document: strong ETag, Cache-Control, CORS for everybody. Set by hand because the general
 * middlewares cost more than the answer (see performance notes).
 */
export function cacheableHeaders(
  document: Omit<CacheableDocument, 'body'> & { readonly body: string | Buffer },
): Record<string, string> & { etag: string } {
  const { body, etag = etagOf(body), maxAgeSeconds, immutable = false, vary } = document
  return {
    etag,
    'cache-control':
      maxAgeSeconds === 0 ? 'no-cache' : `public, max-age=${maxAgeSeconds}${immutable ? ', immutable' : ''}`,
    'access-control-allow-origin': '*',
    ...(vary === undefined ? {} : { vary }),
  }
}

/** Answers a public GET with a cacheable document, or 304 where the caller holds it already. */
export function sendCacheable(c: Context, document: CacheableDocument): Response {
  const { body, mediaType, status = 200 } = document
  const headers = cacheableHeaders(document)
  if (status === 200 && matchesEtag(c.req.header('if-none-match'), headers.etag))
    return new Response(null, { status: 304, headers })
  return new Response(body, { status, headers: { ...headers, 'content-type': mediaType } })
}

/** As `sendCacheable`, for a JSON document whose shape the route has promised. */
export function sendCacheableJson<Value>(
  c: Context,
  value: Value,
  maxAgeSeconds: number,
  mediaType = 'application/json',
): Response & TypedResponse<Value, 200, 'json'> {
  const response = sendCacheable(c, { body: JSON.stringify(value), mediaType, maxAgeSeconds })
  // The members of TypedResponse exist for the compiler alone.
  return response as Response & TypedResponse<Value, 200, 'json'>
}

/** RFC 9110 section 13.1.2: weak comparison, and `*` matches whatever there is. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((part) => ['*', etag, `W/${etag}`].includes(part.trim()))
}
