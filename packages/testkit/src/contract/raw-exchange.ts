import http from 'node:http'

/** A request as it goes out, its target spelt by the caller. */
export interface RawRequest {
  readonly method: string
  /** Path and query as they are sent; `fetch` would tidy them up. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** A whole answer; of one that never ends, its head. */
export interface RawAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly mediaType: string
  readonly text: string
}

/** Sends requests on connections that are kept. */
export interface RawClient extends Disposable {
  send(request: RawRequest): Promise<RawAnswer>
}

const SECONDS_MAX = 60

/** A client that sends what it is told, byte for byte. */
export function createRawClient(baseUrl: string): RawClient {
  const { hostname, port } = new URL(baseUrl)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })
  return {
    send: (request) => exchange({ hostname, port, agent }, request),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

async function exchange(
  to: { hostname: string; port: string; agent: http.Agent },
  { method, target, headers, body }: RawRequest,
): Promise<RawAnswer> {
  const signal = AbortSignal.timeout(SECONDS_MAX * 1000)
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const length = body === undefined ? {} : { 'content-length': String(body.length) }
  const outgoing = http.request({ ...to, method, path: target, headers: { ...headers, ...length }, signal })
  outgoing.on('response', resolve).on('error', reject)
  outgoing.end(body)
  const incoming = await promise
  const mediaType = incoming.headers['content-type'] ?? ''
  const isEndless = mediaType.startsWith('text/event-stream')
  const text = isEndless ? '' : await readAll(incoming)
  if (isEndless) incoming.destroy()
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, mediaType, text }
}

async function readAll(incoming: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
