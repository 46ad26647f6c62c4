import { MEDIA_TYPE, type CompactJws } from '@arc3088/records'
import { cacheableHeaders, matchesEtag, type ExpressAnswer, type ExpressRoute } from '@arc3088/service'
import { LRUCache } from 'lru-cache'

import { readRecords } from '../assignment/assignment.store.ts'
import { codeKeyOf, type CodeKey } from '../assignment/code-key.ts'
import { coalesce } from '../coalescing/coalesce.ts'
import { readOwnSubject, type CodeAuthority } from './answer-code.ts'
import { recordDocument } from './record-document.ts'

const PREFIX = '/v1/codes/'
/** A code has no query, and none of its characters needs an escape. */
const CODE = /^[0-9A-Za-z.]{1,300}$/
/** Records never change, so one that was read is never read again while there is room. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024
/** What asks for the bare record where there is one: alone, or before the signed negative as resolvers do. */
const ACCEPTED: ReadonlySet<string | undefined> = new Set([
  MEDIA_TYPE.assignmentRecord,
  `${MEDIA_TYPE.assignmentRecord}, ${MEDIA_TYPE.resolutionAnswer};q=0.5`,
])
const BOUNDS = { itemsMax: 512, runsMax: 2, waitingMax: 20_000 }

/**
 * `GET /v1/codes/{code}` on the express lane, for the bare record and nothing else: from memory, or by one query for
 * all that are asked for at the same time. See `code.route.ts` for all that it can be.
 */
export function expressRecord(authority: () => CodeAuthority): ExpressRoute {
  const kept = new LRUCache<string, ExpressAnswer>({
    maxSize: KEPT_BYTES_MAX,
    sizeCalculation: ({ body }, code) => body.length + code.length + 512,
  })
  const read = coalesce<CodeKey, CompactJws | undefined>((keys) => readRecords(authority().db, keys), BOUNDS)

  async function find(text: string): Promise<ExpressAnswer | undefined> {
    const subject = readOwnSubject(authority(), text)
    const record = await read(codeKeyOf(subject))
    if (record === undefined) return undefined
    const document = recordDocument(record)
    const headers = { ...cacheableHeaders(document), 'content-type': document.mediaType }
    const answer = { status: 200, headers, body: record }
    kept.set(text, answer)
    return answer
  }

  return {
    method: 'GET',
    prefix: PREFIX,
    answer({ target, headers }) {
      if (!ACCEPTED.has(headers.accept)) return undefined
      const text = target.slice(PREFIX.length)
      if (!CODE.test(text)) return undefined
      const { 'if-none-match': held } = headers
      const known = kept.get(text)
      if (held === undefined) return known ?? find(text)
      // What the caller holds is compared on the long way, but for the plain case.
      return known !== undefined && matchesEtag(held, known.headers['etag'] ?? '')
        ? unchanged(known)
        : undefined
    },
  }
}

function unchanged({ headers }: ExpressAnswer): ExpressAnswer {
  const { 'content-type': _, ...rest } = headers
  return { status: 304, headers: rest, body: '' }
}
