import { ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

import type { Context } from 'hono'

import { connectionOf } from './answer-stream.ts'
import type { ServiceEnv } from './service-env.ts'

const patient = new WeakSet<Duplex>()

/**
 * Lets the body of this request take longer than the listener allows. For a route that reads its body as a stream and
 * itself gives up a sender that makes no progress.
 */
export function allowLongBody(c: Context<ServiceEnv>): void {
  const incoming = connectionOf(c)?.incoming
  if (incoming === undefined) return
  const { socket } = incoming
  patient.add(socket)
  incoming.once('close', () => patient.delete(socket))
}

/**
 * What a listener does about a client that sends no good request, or sends it too slowly: node:http's own answers, but
 * for those that {@link allowLongBody} lets be slow. The listener for `clientError`, which takes over from node:http.
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && patient.has(socket)) return
  // The answer under way on this connection, as node:http keeps it.
  const answer: unknown = Reflect.get(socket, '_httpMessage')
  const hasBegun = answer instanceof ServerResponse && answer.headersSent
  if (socket.writable && !hasBegun) {
    const status = CLIENT_FAULTS[error.code ?? ''] ?? 400
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`)
  }
  socket.destroy(error)
}

const CLIENT_FAULTS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}
