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

/** `GET /v1/resolve/{code}` on the express lane: verdict or record of a code; see `resolution.route.ts` for the rest. */
export function expressResolution(parts: {
  client: Pick<RegistryClient, 'lookUp' | 'recall'>
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
      return known === undefined
        ? client.lookUp(code).then((resolution) => answerOf(resolution, detail))
        : answerOf(known, detail)
    },
  }
}
