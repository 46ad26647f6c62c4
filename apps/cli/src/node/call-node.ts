import { parseStrictJson } from '@arc3088/records'

import { CannotTell, Refusal, UsageError } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

/** Where a node is, and who asks. */
export const NODE_OPTIONS = { url: { type: 'string' }, token: { type: 'string' } } as const

/** The option of every act that assigns: the same key again gets the same bytes again. */
export const KEY_OPTION = { 'idempotency-key': { type: 'string' } } as const

/** One node, and the token that is shown to it. */
export interface NodeAccess {
  readonly url: string
  readonly token: string | undefined
}

/** A request to a node. */
export interface NodeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  /** Sent as JSON, unless a media type says what text it is. */
  readonly body?: unknown
  readonly mediaType?: string
  readonly idempotencyKey?: string
  readonly ifMatch?: string
}

export type JsonObject = Readonly<Record<string, unknown>>

const SECONDS_MAX = 30
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** Reads the options; the token stands better in the environment, which other users of the machine do not see. */
export function accessOf(
  values: { readonly url?: string | undefined; readonly token?: string | undefined },
  terminal: Terminal,
): NodeAccess {
  const url = values.url ?? terminal.environment['ARC3088_URL']
  if (url === undefined || !URL.canParse(url)) throw new UsageError('--url: the address of the node')
  const { protocol, origin } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') throw new UsageError('--url: an http or https address')
  return { url: origin, token: values.token ?? terminal.environment['ARC3088_TOKEN'] }
}

/** @throws UsageError when nobody is named. */
export function withToken(access: NodeAccess): NodeAccess {
  if (access.token === undefined) throw new UsageError('ARC3088_TOKEN (or --token) is missing')
  return access
}

/**
 * Asks a node and answers its JSON object. @throws Refusal with the node's problem, CannotTell when the node cannot be
 * reached or fails.
 */
export async function callNode(access: NodeAccess, request: NodeRequest): Promise<JsonObject> {
  const response = await send(access, request)
  const text = await response.text()
  if (text.length > ANSWER_BYTES_MAX) throw new CannotTell(`${access.url} answered too much`)
  const body = readObject(text)
  if (response.ok && body !== undefined) return body
  const code = body?.['code']
  if (response.ok || body === undefined || typeof code !== 'string') {
    throw new CannotTell(`${access.url} answered ${response.status}, and not as a node of this registry does`)
  }
  const detail = body['detail'] ?? body['title']
  if (response.status >= 500) throw new CannotTell(`${code}: ${String(detail)}`)
  throw new Refusal(code, String(detail), body)
}

async function send(access: NodeAccess, request: NodeRequest): Promise<Response> {
  const { method, path, query = {}, body, mediaType, idempotencyKey, ifMatch } = request
  const url = new URL(path, access.url)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value)
  const headers = new Headers({ accept: 'application/json' })
  if (access.token !== undefined) headers.set('authorization', `Bearer ${access.token}`)
  if (body !== undefined) headers.set('content-type', mediaType ?? 'application/json')
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey)
  if (ifMatch !== undefined) headers.set('if-match', ifMatch)
  try {
    return await fetch(url, {
      method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(SECONDS_MAX * 1000),
      ...(body === undefined ? {} : { body: mediaType === undefined ? JSON.stringify(body) : String(body) }),
    })
  } catch (error) {
    throw new CannotTell(`${url.origin} cannot be reached (${reasonOf(error)})`)
  }
}

function readObject(text: string): JsonObject | undefined {
  try {
    const value = parseStrictJson(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // Not JSON: whoever answered is no node of ours, or a proxy before it.
    return undefined
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0])
  return cause instanceof Error ? cause.message : error.message
}
