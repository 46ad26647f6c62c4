import type { IncomingMessage, ServerResponse } from 'node:http'

import { RegistryError } from '@arc3088/problems'

import type { Ambient } from '../ambient.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'

/** A request as an express route sees it: the head as node:http parsed it, and the whole body. */
export interface ExpressRequest {
  readonly method: string
  /** The request target as sent: path and query. */
  readonly target: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A whole answer. `content-length` is added; header names are in lower case. */
export interface ExpressAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Whole, or in the pieces that it is kept in. */
  readonly body: string | Buffer | readonly Buffer[]
}

/**
 * A short way to an answer that a route of the app gives too, for requests that come by the ten thousand. It answers
 * what goes well; whatever is unusual (another spelling, a missing header, a refusal) it leaves to the app by
 * answering `undefined`, so that there is one place for every rule and every error.
 *
 * An act that it began and leaves must be one that is safe to do again.
 */
export interface ExpressRoute {
  readonly method: 'GET' | 'POST'
  /** What the target begins with; routes that fit are asked in turn, until one answers. */
  readonly prefix: string
  answer(request: ExpressRequest): ExpressAnswer | undefined | Promise<ExpressAnswer | undefined>
}

/** Routes with what they are counted by. */
export interface ExpressLane {
  readonly routes: readonly ExpressRoute[]
  readonly ambient: Pick<Ambient, 'now'>
  readonly metrics: Pick<Metrics, 'requestServed'>
  /** Told of every fault of the short way, since the long way may not have it. */
  readonly log: Pick<Log, 'warn'>
}

/** What every answer of a service says, whichever way it goes. */
export const SAID_BY_ALL = { 'x-content-type-options': 'nosniff' } as const

/** Bodies of express requests are small; a larger one goes the long way, unread. */
const EXPRESS_BODY_BYTES_MAX = 4096
const NO_BODY = Buffer.alloc(0)

/** Hands a request over to the app: with the body where the lane has read it from the connection already. */
export type LongWay = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer | undefined) => void

/** Answers requests on the short way where one fits, and the rest on the long one. */
export function serveExpress(
  { routes, ambient, metrics, log }: ExpressLane,
  longWay: LongWay,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  /** A refusal is one on the long way too, which renders it. A fault that passes by then would leave no trace. */
  function noteFault(error: unknown, method: string, route: ExpressRoute): void {
    if (error instanceof RegistryError) return
    log.warn(
      { err: error, 'http.request.method': method, 'http.route': route.prefix },
      'the express lane failed; the request goes the long way',
    )
  }

  function serve(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer | undefined): void {
    const startedAt = ambient.now().getTime()
    const { method = '', url: target = '', headers } = incoming
    const request: ExpressRequest = { method, target, headers, body: body ?? NO_BODY }

    function finish(answer: ExpressAnswer | undefined): void {
      if (answer === undefined) return longWay(incoming, outgoing, body)
      send(outgoing, answer)
      metrics.requestServed(method, answer.status, ambient.now().getTime() - startedAt)
    }

    /** Asks in turn, from `nth` on. What is at hand is sent in this very turn: each promise costs a hot answer its share. */
    function ask(nth: number): void {
      for (let at = nth; at < routes.length; at++) {
        const route = routes[at]
        if (route === undefined || !fits(route, method, target)) continue
        const fail = (error: unknown): void => {
          noteFault(error, method, route)
          finish(undefined)
        }
        let answer: ReturnType<ExpressRoute['answer']>
        try {
          answer = route.answer(request)
        } catch (error) {
          return fail(error)
        }
        if (answer instanceof Promise) {
          answer.then((late) => (late === undefined ? ask(at + 1) : finish(late)), fail)
          return
        }
        if (answer !== undefined) return finish(answer)
      }
      finish(undefined)
    }
    ask(0)
  }

  return (incoming, outgoing) => {
    const { method = '', url = '' } = incoming
    if (!routes.some((one) => fits(one, method, url))) return longWay(incoming, outgoing, undefined)
    if (method === 'GET') return serve(incoming, outgoing, undefined)
    if (!hasSmallBody(incoming)) return longWay(incoming, outgoing, undefined)
    readBody(incoming, (body) => serve(incoming, outgoing, body))
  }
}

function fits(route: ExpressRoute, method: string, target: string): boolean {
  return route.method === method && target.startsWith(route.prefix)
}

function hasSmallBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding, expect } = headers
  return (
    length !== undefined &&
    encoding === undefined &&
    expect === undefined &&
    Number(length) <= EXPRESS_BODY_BYTES_MAX
  )
}

/** A body that breaks off belongs to a client that is gone: nobody is answered. */
function readBody(incoming: IncomingMessage, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const [first] = chunks
    then(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks))
  })
  incoming.on('error', () => incoming.destroy())
}

function send(outgoing: ServerResponse, { status, headers, body }: ExpressAnswer): void {
  // RFC 9110 section 8.6: what is not sent has no length.
  if (status === 304) {
    outgoing.writeHead(status, { ...headers, ...SAID_BY_ALL }).end()
    return
  }
  const isWhole = typeof body === 'string' || Buffer.isBuffer(body)
  outgoing.writeHead(status, { ...headers, ...SAID_BY_ALL, 'content-length': lengthOf(body) })
  if (isWhole) {
    outgoing.end(body)
    return
  }
  // They leave together: what is written in one turn is one call of the system.
  for (const piece of body) outgoing.write(piece)
  outgoing.end()
}

function lengthOf(body: ExpressAnswer['body']): number {
  if (typeof body === 'string') return Buffer.byteLength(body)
  return Buffer.isBuffer(body) ? body.length : body.reduce((sum, piece) => sum + piece.length, 0)
}
