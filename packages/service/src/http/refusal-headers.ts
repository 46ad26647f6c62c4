import { RegistryError } from '@arc3088/problems'

import { rateLimitHeaders } from './rate-limit-headers.ts'

/** The headers that go with a refusal, in whatever words its body is. Never cached; readable by any page for a GET. */
export function refusalHeaders(error: unknown, method: string): Record<string, string> {
  const headers: Record<string, string> = { 'cache-control': 'no-store' }
  if (method === 'GET' || method === 'HEAD') headers['access-control-allow-origin'] = '*'
  if (!(error instanceof RegistryError)) return headers
  const { code, extra } = error
  if (typeof extra['retry_after_seconds'] === 'number')
    headers['retry-after'] = String(Math.ceil(extra['retry_after_seconds']))
  if (code === 'rate-limited') Object.assign(headers, rateLimitHeaders(extra))
  // RFC 9110 section 15.5.6.
  if (code === 'method-not-allowed' && Array.isArray(extra['allow']))
    headers['allow'] = extra['allow'].join(', ')
  // RFC 9110 section 15.5.2; RFC 6750 section 3.
  if (code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="arc3088"'
  // Below what a feed keeps (RFC 9110 section 15.5.11): where the same changes are.
  if (code === 'feed-gone' && typeof extra['snapshot'] === 'string')
    headers['link'] = `<${extra['snapshot']}>; rel="alternate"; type="application/agent-code-snapshot+jwt"`
  // The rest of the body is not read, so the connection cannot carry another request.
  if (code === 'body-too-large') headers['connection'] = 'close'
  return headers
}
