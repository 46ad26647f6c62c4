import { HOME_PREFIX } from '@arc3088/codec'
import { createLog, systemAmbient, type ClientPolicy } from '@arc3088/service'
import type { PinnedAnchor } from '@arc3088/trust'

import { startResolver } from '../src/start.ts'

/** A resolver on a port of its own, with a clock that can be put forward. */
export interface TestResolver extends AsyncDisposable {
  readonly url: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** The JSON of an answer that must be 200. */
  resolve(code: string, query?: string): Promise<Record<string, unknown>>
  post(body: string, mediaType: string, query?: string): Promise<Response>
  advanceSeconds(seconds: number): void
}

/** Starts a resolver that pins the anchor, over real HTTP. */
export async function startTestResolver(
  anchor: PinnedAnchor,
  { rootUrl, minSeq = 0, clients }: { rootUrl?: string; minSeq?: number; clients?: ClientPolicy } = {},
): Promise<TestResolver> {
  let ahead = 0
  const resolver = await startResolver(
    {
      port: 0,
      host: '127.0.0.1',
      logLevel: 'silent',
      allowLoopbackHttp: true,
      anchor,
      rootUrl,
      prefix: HOME_PREFIX,
      recognition: { maxAgeSeconds: 600, minSeq },
      clients,
    },
    {
      ambient: { ...systemAmbient(), now: () => new Date(Date.now() + ahead * 1000) },
      log: createLog({ level: 'silent', service: 'resolver' }),
    },
  )
  const url = `http://127.0.0.1:${resolver.port}`
  return {
    url,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    async resolve(code, query = '') {
      const response = await fetch(`${url}/v1/resolve/${encodeURIComponent(code)}${query}`)
      const body: unknown = await response.json()
      if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(body)}`)
      return { ...(body as object) }
    },
    post: (body, mediaType, query = '') =>
      fetch(`${url}/v1/resolve${query}`, { method: 'POST', body, headers: { 'content-type': mediaType } }),
    advanceSeconds(seconds) {
      ahead += seconds
    },
    [Symbol.asyncDispose]: () => resolver.stop(),
  }
}
