import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'

import { RegistryError } from '@arc3088/problems'

import { judgeAddress, judgeUrl, type DoorPolicy } from './address.ts'

/** What to fetch, and how much of it at most. */
export interface OutboundRequest {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Bytes after which the answer is refused. */
  readonly bytesMax: number
}

/** An answer of another node, whole and bounded. */
export interface OutboundResponse {
  readonly status: number
  readonly mediaType: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The one way out of a service (wire-format, "Outbound fetches"). */
export interface OutboundDoor {
  fetch(request: OutboundRequest): Promise<OutboundResponse>
  /** Closes idle connections; the door must not be used afterwards. */
  close(): void
}

const OUTBOUND_SECONDS_MAX = 5
const SOCKETS_PER_ORIGIN_MAX = 64

/**
 * Opens the door: https only (loopback http by policy), no redirects, literal and resolved addresses judged,
 * size and time bounded. Failures to reach anybody are `upstream-unreachable` or `upstream-timeout`, never a verdict.
 */
export function openOutboundDoor(policy: DoorPolicy, options: { secondsMax?: number } = {}): OutboundDoor {
  const milliseconds = (options.secondsMax ?? OUTBOUND_SECONDS_MAX) * 1000
  const agentOptions = { keepAlive: true, maxSockets: SOCKETS_PER_ORIGIN_MAX, lookup: judgedLookup(policy) }
  const agents = { 'http:': new http.Agent(agentOptions), 'https:': new https.Agent(agentOptions) }
  return {
    fetch: async (request) => {
      const url = judgeUrl(request.url, policy)
      return url.protocol === 'https:'
        ? await send(https.request, agents['https:'], url, request, milliseconds)
        : await send(http.request, agents['http:'], url, request, milliseconds)
    },
    close() {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

/** Resolves a name and hands the socket only addresses that were judged, so that no second lookup can differ. */
function judgedLookup(policy: DoorPolicy): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0)
      try {
        for (const { address } of addresses) judgeAddress(address, policy)
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, '', 0)
      }
      const first = addresses[0]
      if (first === undefined) return callback(new Error(`${hostname} has no address`), '', 0)
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }
}

function send(
  open: typeof http.request,
  agent: http.Agent,
  url: URL,
  request: OutboundRequest,
  milliseconds: number,
): Promise<OutboundResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<OutboundResponse>()
  const outgoing = open(url, {
    agent,
    method: request.method ?? 'GET',
    headers: { ...request.headers },
    signal: AbortSignal.timeout(milliseconds),
  })
  outgoing.on('error', (error) => reject(asRefusal(error, url)))
  outgoing.on('response', (incoming) => {
    incoming.on('error', (error) => reject(asRefusal(error, url)))
    readBounded(incoming, request.bytesMax, url).then(resolve, reject)
  })
  outgoing.end(request.body)
  return promise
}

async function readBounded(
  incoming: http.IncomingMessage,
  bytesMax: number,
  url: URL,
): Promise<OutboundResponse> {
  const status = incoming.statusCode ?? 0
  if (status >= 300 && status < 400 && status !== 304) {
    incoming.destroy()
    throw new RegistryError('upstream-unreachable', `${url.origin} redirects, and redirects are not followed`)
  }
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of incoming) {
      const bytes: unknown = chunk
      if (!Buffer.isBuffer(bytes)) continue
      length += bytes.length
      if (length > bytesMax) {
        incoming.destroy()
        throw new RegistryError('upstream-unreachable', `${url.origin} answered more than ${bytesMax} bytes`)
      }
      chunks.push(bytes)
    }
  } catch (error) {
    throw asRefusal(error, url)
  }
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  return { status, mediaType, headers, body: Buffer.concat(chunks).toString('utf8') }
}

function asRefusal(error: unknown, url: URL): RegistryError {
  if (error instanceof RegistryError) return error
  const isTimeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
  return isTimeout
    ? new RegistryError('upstream-timeout', `${url.origin} did not answer in time`, { cause: error })
    : new RegistryError('upstream-unreachable', `${url.origin} could not be reached`, { cause: error })
}
