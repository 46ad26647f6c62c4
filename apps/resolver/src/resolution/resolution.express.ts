import type { RegistryClient, Resolution } from '@arc3088/client'
import { cacheableHeaders, type Ambient, type ExpressAnswer, type ExpressRoute } from '@arc3088/service'

import { answerMaxAgeSeconds, renderAnswer, type KeptDetail } from './render-answer.ts'

const PREFIX = '/v1/resolve/'
const CODE = /^[0-9A-Za-z.]{1,300}$/
const DETAILS: ReadonlyMap<string, KeptDetail> = new Map([
  ['', 'record'],
  ['?detail=record', 'record'],
  ['?detail=verdict', 'verdict'],
])

/**
 * `GET /v1/resolve/{code}` on the express lane: verdict or record of a code whose answer is at hand; see
 * `resolution.route.ts` for the rest. What other nodes have to be asked for is counted there against who asks.
 */
export function expressResolution(parts: {
  client: Pick<RegistryClient, 'recall'>
  ambient: Pick<Ambient, 'now'>
}): ExpressRoute {
  const { client, ambient } = parts

  function answerOf(resolution: Resolution, detail: KeptDetail): ExpressAnswer | undefined {
    if (resolution.malformation !== undefined) return undefined
    const { body, etag } = renderAnswer(resolution, detail)
    const mediaType = 'application/json'
    const maxAgeSeconds = answerMaxAgeSeconds(resolution, ambient.now())
    return {
      status: 200,
      headers: { ...cacheableHeaders({ body, etag, mediaType, maxAgeSeconds }), 'content-type': mediaType },
      body,
    }
  }

  return {
    method: 'GET',
    prefix: PREFIX,
    answer({ target, headers }) {
      const query = target.indexOf('?')
      const end = query < 0 ? target.length : query
      const detail = DETAILS.get(target.slice(end))
      const code = target.slice(PREFIX.length, end)
      if (detail === undefined || headers['if-none-match'] !== undefined || !CODE.test(code)) return undefined
      const known = client.recall(code)
      return known === undefined ? undefined : answerOf(known, detail)
    },
  }
}
