import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { PROBLEM_MEDIA_TYPE, RegistryError, toProblemDetails } from '@arc3088/problems'
import { getRequestListener, RequestError } from '@hono/node-server'

import { SAID_BY_ALL, serveExpress, type ExpressLane, type LongWay } from './express-lane.ts'
import { answerClientError } from './long-body.ts'

/** Any Hono app, or anything that answers a Request. */
export type FetchHandler = Parameters<typeof getRequestListener>[0]

/** A listening server. */
export interface Listener {
  readonly port: number
  /** Stops taking connections, lets requests in flight finish, and cuts what is left after the grace. */
  stop(graceSeconds?: number): Promise<void>
}

/** A client that sends its headers or body slower than this is cut (RFC 9110 leaves it to the server). */
const HEADERS_SECONDS_MAX = 10
const REQUEST_SECONDS_MAX = 60
/** Node looks for such clients only this often, so that is how late they may be cut. */
const CONNECTION_CHECK_SECONDS = 2
const KEEP_ALIVE_SECONDS = 30
const STOP_GRACE_SECONDS = 5
const IDLE_CHECK_MILLISECONDS = 25

/** Where to listen, and for how long a client may take over its headers. */
export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly headersSecondsMax?: number
  /** Short ways for hot requests; what they leave goes to the app. */
  readonly express?: ExpressLane
}

/** Listens dual-stack (P-05); where the machine has no IPv6, `::` falls back to IPv4. */
export async function listen(fetch: FetchHandler, options: ListenOptions): Promise<Listener> {
  // Never rejects: it answers 500 for whatever the handler throws.
  const answer = getRequestListener(fetch, { errorHandler: answerUnroutable })
  const longWay: LongWay = (incoming, outgoing, body) => {
    // Here and not in a middleware: there it would cost the answer its short way out (docs/api-design.md).
    for (const [name, value] of Object.entries(SAID_BY_ALL)) outgoing.setHeader(name, value)
    const listener =
      body === undefined
        ? answer
        : getRequestListener(withBody(fetch, body), { errorHandler: answerUnroutable })
    void listener(incoming, outgoing)
  }
  const serve =
    options.express === undefined
      ? (incoming: IncomingMessage, outgoing: ServerResponse) => longWay(incoming, outgoing, undefined)
      : serveExpress(options.express, longWay)
  const server = createServer(
    {
      headersTimeout: (options.headersSecondsMax ?? HEADERS_SECONDS_MAX) * 1000,
      requestTimeout: REQUEST_SECONDS_MAX * 1000,
      keepAliveTimeout: KEEP_ALIVE_SECONDS * 1000,
      connectionsCheckingInterval: CONNECTION_CHECK_SECONDS * 1000,
    },
    serve,
  )
  server.on('clientError', answerClientError)
  await listenOn(server, options.host, options.port).catch(async (error: unknown) => {
    if (options.host !== '::' || !isWithoutIpv6(error)) throw error
    await listenOn(server, '0.0.0.0', options.port)
  })
  const address = server.address() as AddressInfo
  return { port: address.port, stop: (graceSeconds = STOP_GRACE_SECONDS) => stop(server, graceSeconds) }
}

/** The same app, for a request whose body was read from the connection already. */
function withBody(fetch: FetchHandler, body: Buffer): FetchHandler {
  return (request, env) => {
    const { url, method, headers } = request
    return fetch(new Request(url, { method, headers, body: new Uint8Array(body) }), env)
  }
}

/** A request that no app ever sees, because its Host or target makes no URL; or a handler that failed to answer. */
function answerUnroutable(error: unknown): Response {
  const refusal =
    error instanceof RequestError
      ? new RegistryError('request-invalid', 'The Host header and the request target make no URL')
      : error
  const problem = toProblemDetails(refusal, '/')
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' },
  })
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: false, backlog: 1024 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function isWithoutIpv6(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
}

async function stop(server: Server, graceSeconds: number): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)))
  })
  server.closeIdleConnections()
  // A connection that was busy becomes idle when its answer is out, and would be kept alive from then on.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MILLISECONDS)
  const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000)
  await closed.finally(() => {
    clearInterval(idle)
    clearTimeout(cut)
  })
}
