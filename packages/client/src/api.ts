import type { Client } from 'openapi-fetch'
import createClient from 'openapi-fetch'

import type { paths as ProviderPaths } from './generated/provider.ts'
import type { paths as ResolverPaths } from './generated/resolver.ts'
import type { paths as RootPaths } from './generated/root.ts'

/** Where an API is, and as whom it is called. */
export interface ApiOptions {
  /** Origin of the node. */
  readonly baseUrl: string
  /** API token; left out, only what is public can be called. */
  readonly token?: string
  readonly fetch: (request: Request) => Promise<Response>
}

/** A root's API, typed by its contract. Answers are the node's word and are not verified: that is what `resolve` is for. */
export type RootApi = Client<RootPaths>
/** A provider's API, typed by its contract. */
export type ProviderApi = Client<ProviderPaths>
/** A resolver's API, typed by its contract. */
export type ResolverApi = Client<ResolverPaths>

function settings({ baseUrl, token, fetch }: ApiOptions) {
  return {
    baseUrl,
    fetch,
    // A redirect would carry the token to wherever it points.
    redirect: 'error' as const,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  }
}

/** A typed client of a root (`docs/openapi/root.json`). */
export function createRootApi(options: ApiOptions): RootApi {
  return createClient<RootPaths>(settings(options))
}

/** A typed client of a provider (`docs/openapi/provider.json`). */
export function createProviderApi(options: ApiOptions): ProviderApi {
  return createClient<ProviderPaths>(settings(options))
}

/** A typed client of a resolver (`docs/openapi/resolver.json`). */
export function createResolverApi(options: ApiOptions): ResolverApi {
  return createClient<ResolverPaths>(settings(options))
}
