import { z } from '@hono/zod-openapi'

import type { ListedToken } from '../operators/token.store.ts'

/** What shows a secret, or who somebody is, is kept nowhere on the way. */
export const NO_STORE = { 'cache-control': 'no-store' } as const

/** The public half of a token. */
export const TokenId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/)
  .openapi({ example: 'A'.repeat(22) })

/** A credential as it is listed. */
export const TokenView = z
  .object({
    id: TokenId,
    kind: z.enum(['token', 'session', 'invitation']),
    label: z.string().nullable(),
    scopes: z.array(z.string()).nullable(),
    key_id: z.string().nullable().openapi({ description: 'the key that a session was begun with' }),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
  })
  .openapi('Token')

/** What somebody holds; few enough for one answer. */
export const TokenList = z.object({ items: z.array(TokenView) }).openapi('TokenList')

/** Shows a credential, without what is secret of it. */
export function viewToken(token: ListedToken): z.infer<typeof TokenView> {
  return {
    id: token.id,
    kind: token.kind,
    label: token.label,
    scopes: token.scopes === null ? null : [...token.scopes],
    key_id: token.keyId,
    created_at: token.createdAt.toISOString(),
    expires_at: token.expiresAt?.toISOString() ?? null,
  }
}
