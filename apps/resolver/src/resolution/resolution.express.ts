import type { RegistryClient } from '@arc3088/client'
import { cacheableHeaders, type Ambient, type ExpressRoute } from '@arc3088/service'

import { answerMaxAgeSeconds, renderAnswer } from './render-answer.ts'

const PREFIX = '/v1/resolve/'
const TARGET = /^\/v1\/resolve\/([0-9A-Za-z.]{1,300})(?:\?detail=(verdict|record))?$/

/** `GET /v1/resolve/{code}` on the express lane: verdict or record of a code; see `resolution.route.ts` for the rest. */
export function expressResolution(parts: {
  client: Pick<RegistryClient, 'lookUp'>
  ambient: Pick<Ambient, 'now'>
}): ExpressRoute {
  const { client, ambient } = parts
  return {
    method: 'GET',
    prefix: PREFIX,
    async answer({ target, headers }) {
      const [, code, detail] = TARGET.exec(target) ?? []
      if (code === undefined || headers['if-none-match'] !== undefined) return undefined
      const resolution = await client.lookUp(code)
      if (resolution.malformation !== undefined) return undefined
      const { body, etag } = renderAnswer(resolution, detail === 'verdict' ? 'verdict' : 'record')
      const mediaType = 'application/json'
      const maxAgeSeconds = answerMaxAgeSeconds(resolution, ambient.now())
      return {
        status: 200,
        headers: {
          ...cacheableHeaders({ body, etag, mediaType, maxAgeSeconds }),
          'content-type': mediaType,
        },
        body,
      }
    },
  }
}
