import { formatSegment, parseProviderNumber } from '@arc3088/codec'
import { readWish } from '@arc3088/issuer'

import type { RootDeps } from '../deps.ts'
import { readProviders, type Provider } from './provider.store.ts'

/** Reads a page of providers by code, and the `after` of the following one. */
export async function listProviders(
  deps: RootDeps,
  page: { after: string | undefined; limit: number },
): Promise<{ providers: Provider[]; next: string | null }> {
  const after = readWish(parseProviderNumber, page.after) ?? 0
  const providers = await readProviders(deps.node.db, { after, limit: page.limit })
  const last = providers.at(-1)
  const isFull = providers.length === page.limit
  return { providers, next: isFull && last !== undefined ? formatSegment(last.code) : null }
}
