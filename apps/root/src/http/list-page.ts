import { AUTHORITY_LIST_TTL_SECONDS, LIST_PAGES_MAX } from '@arc3088/records'
import { negotiate, sendCacheable } from '@arc3088/service'
import { z } from '@hono/zod-openapi'

import type { DecidedList } from '../lists/decided-list.ts'
import { noPage } from '../lists/list-chain.ts'

/** The number of a page in a query; the first where none is said. */
export const PageNumber = z.coerce.number().int().min(1).max(LIST_PAGES_MAX).default(1)

/** Answers a page of a list: signed unless JSON is preferred, and then as `view` shows it. */
export async function sendListPage<Entry>(
  c: Parameters<typeof sendCacheable>[0],
  list: DecidedList<Entry>,
  options: { page: number; mediaType: string; view: () => Promise<object>; isReadable?: boolean },
): Promise<Response> {
  const { page, mediaType, view, isReadable = false } = options
  const wanted = isReadable
    ? 'application/json'
    : negotiate(c.req.header('accept'), [mediaType, 'application/json'])
  const body = wanted === mediaType ? await list.page(page) : JSON.stringify(await view())
  if (body === undefined) throw noPage(page)
  return sendCacheable(c, {
    body,
    mediaType: wanted,
    maxAgeSeconds: AUTHORITY_LIST_TTL_SECONDS,
    vary: 'accept',
  })
}
