import type http from 'node:http'

import { RegistryError } from '@arc3088/problems'

/** What to fetch, and how much of it at most. */
export interface OutboundRequest {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  /** At most OUTBOUND_BODY_BYTES_MAX bytes; sent once at most, also where its connection breaks. */
  readonly body?: string
  /** Bytes after which the answer is refused. */
  readonly bytesMax: number
}

/** Most bytes of a body that this node sends: no node takes a longer one (BODY_BYTES_MAX). */
export const OUTBOUND_BODY_BYTES_MAX = 256 * 1024

/** An answer of another node, whole and bounded. */
export interface OutboundResponse {
  readonly status: number
  readonly mediaType: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The connection was one of a pool, and the other side had closed it before it heard us. */
class StaleConnection extends Error {}

/**
 * One request and its whole answer, before the deadline. A GET that met a pooled connection which the other side was
 * just closing is asked once more. Throws an Error for a body that is too long to be sent: a fault of the caller's.
 */
export async function exchange(
  open: typeof http.request,
  agent: http.Agent,
  url: URL,
  request: OutboundRequest,
  deadline: AbortSignal,
): Promise<OutboundResponse> {
  if (Buffer.byteLength(request.body ?? '') > OUTBOUND_BODY_BYTES_MAX) {
    throw new Error(`A body that this node sends holds at most ${OUTBOUND_BODY_BYTES_MAX} bytes`)
  }
  const ask = async () =>
    await readBounded(await send(open, agent, url, request, deadline), request.bytesMax, url)
  try {
    return await ask().catch((error: unknown) => {
      if (error instanceof StaleConnection && (request.method ?? 'GET') === 'GET') return ask()
      throw error
    })
  } catch (error) {
    throw asRefusal(error, url, deadline)
  }
}

function send(
  open: typeof http.request,
  agent: http.Agent,
  url: URL,
  request: OutboundRequest,
  deadline: AbortSignal,
): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const outgoing = open(url, {
    agent,
    method: request.method ?? 'GET',
    headers: { ...request.headers },
    signal: deadline,
  })
  outgoing.on('response', resolve)
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    const isStale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
    reject(isStale ? new StaleConnection('the pooled connection was closed', { cause: error }) : error)
  })
  // An answer that switches protocols closes the request with neither of the above.
  outgoing.on('close', () => reject(new Error('the connection closed without an answer')))
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
  const encoding = incoming.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    // None was asked for: what is small on the wire could be large here.
    incoming.destroy()
    throw new RegistryError(
      'upstream-unreachable',
      `${url.origin} answered in an encoding that was not asked for`,
    )
  }
  const chunks: Buffer[] = []
  let length = 0
  // Leaving the loop by throwing destroys the connection.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bytesMax)
      throw new RegistryError('upstream-unreachable', `${url.origin} answered more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return { status, mediaType, headers, body: Buffer.concat(chunks).toString('utf8') }
}

/** A connection that the deadline cut says so in several ways, so the deadline itself is asked. */
function asRefusal(error: unknown, url: URL, deadline: AbortSignal): RegistryError {
  if (error instanceof RegistryError) return error
  return deadline.aborted
    ? new RegistryError('upstream-timeout', `${url.origin} did not answer in time`, { cause: error })
    : new RegistryError('upstream-unreachable', `${url.origin} could not be reached`, { cause: error })
}
