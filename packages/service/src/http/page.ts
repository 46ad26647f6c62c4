import { z } from '@hono/zod-openapi'

/** Most items of a page of any list. */
export const PAGE_ITEMS_MAX = 1000
const PAGE_ITEMS_DEFAULT = 100

/** The query members by which a list of things with UUIDv7 ids is paged, newest first. */
export const PAGE_QUERY = {
  before: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(PAGE_ITEMS_DEFAULT),
}

/** The 200 answer of such a list. */
export function pageResponse<Item extends z.ZodType>(name: string, item: Item) {
  const schema = z.object({ items: z.array(item), next: z.uuid().nullable() }).openapi(name)
  return {
    description: 'A page; `next` is the `before` of the following one',
    content: { 'application/json': { schema } },
  }
}

/** A page as it is answered: `next` is null when there is no more, as far as a full page can tell. */
export function toPage<Item extends { readonly id: string }>(
  items: readonly Item[],
  limit: number,
): { items: Item[]; next: string | null } {
  return { items: [...items], next: items.length === limit ? (items.at(-1)?.id ?? null) : null }
}
