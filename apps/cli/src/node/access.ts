import {
  createProviderApi,
  createResolverApi,
  createRootApi,
  type ProviderApi,
  type ResolverApi,
  type RootApi,
} from '@arc3088/client'

import { required } from '../command.ts'
import { CannotTell, UsageError } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

/** Where a node is, and who asks. */
export const NODE_OPTIONS = { url: { type: 'string' }, token: { type: 'string' } } as const

/** The values of {@link NODE_OPTIONS}. */
export interface NodeValues {
  readonly url?: string | undefined
  readonly token?: string | undefined
}

const SECONDS_MAX = 30

/** A root, asked in nobody's name. @throws UsageError */
export function publicRootAt(values: NodeValues, terminal: Terminal): RootApi {
  return createRootApi({ baseUrl: originOf(values, terminal), fetch: fetchInTime })
}

/** A root, asked in the name of the token's holder. @throws UsageError */
export function rootAt(values: NodeValues, terminal: Terminal): RootApi {
  return createRootApi(holderAt(values, terminal))
}

/** A provider, asked in nobody's name. @throws UsageError */
export function publicProviderAt(values: NodeValues, terminal: Terminal): ProviderApi {
  return createProviderApi({ baseUrl: originOf(values, terminal), fetch: fetchInTime })
}

/** A provider, asked in the name of the token's holder. @throws UsageError */
export function providerAt(values: NodeValues, terminal: Terminal): ProviderApi {
  return createProviderApi(holderAt(values, terminal))
}

/** A resolver, which anybody may ask. @throws UsageError */
export function resolverAt(values: NodeValues, terminal: Terminal): ResolverApi {
  return createResolverApi({ baseUrl: originOf(values, terminal), fetch: fetchInTime })
}

/** Anybody at all, for as long as we wait. @throws CannotTell when nobody is there. */
export async function fetchInTime(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(SECONDS_MAX * 1000) })
  } catch (error) {
    throw new CannotTell(`${new URL(request.url).origin} cannot be reached (${reasonOf(error)})`)
  }
}

/** The node's origin. @throws UsageError */
export function originOf(values: NodeValues, terminal: Terminal): string {
  const url = values.url ?? terminal.environment['ARC3088_URL']
  if (url === undefined || !URL.canParse(url)) throw new UsageError('--url: the address of the node')
  const { protocol, origin } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') throw new UsageError('--url: an http or https address')
  return origin
}

/**
 * Who asks whom. The token stands better in the environment, which other users of the machine do not see.
 *
 * @throws UsageError
 */
export function holderAt(values: NodeValues, terminal: Terminal) {
  const baseUrl = originOf(values, terminal)
  const token = values.token ?? terminal.environment['ARC3088_TOKEN']
  if (token === undefined) throw new UsageError('ARC3088_TOKEN (or --token) is missing')
  return { baseUrl, token: required(token, 'token'), fetch: fetchInTime }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0])
  return cause instanceof Error ? cause.message : error.message
}
