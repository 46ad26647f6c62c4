import { cacheableHeaders, type ExpressRoute } from '@arc3088/service'

import { proofDocument } from './proof-document.ts'
import type { RecordParts } from './record-parts.ts'

const TARGET = /^\/v1\/codes\/([0-9A-Za-z.]{1,300})\/log-proof$/
const ACCEPTED: ReadonlySet<string | undefined> = new Set([undefined, '*/*', 'text/plain'])

/** Whoever asks again for a proof does so for one that has what is demanded of the log now. */
const AGE_MILLISECONDS_MAX = 1000

/** `GET /v1/codes/{code}/log-proof` on the express lane; see `history.route.ts` for all that it can be. */
export function expressProof(parts: RecordParts): ExpressRoute {
  return {
    method: 'GET',
    prefix: '/v1/codes/',
    async answer({ target, headers }) {
      if (!ACCEPTED.has(headers.accept) || headers['if-none-match'] !== undefined) return undefined
      const [, text] = TARGET.exec(target) ?? []
      const part = text === undefined ? undefined : await parts.find(text, AGE_MILLISECONDS_MAX)
      if (part === undefined) return undefined
      const document = proofDocument(part.proof)
      return {
        status: 200,
        headers: { ...cacheableHeaders(document), 'content-type': document.mediaType },
        body: document.body,
      }
    },
  }
}
