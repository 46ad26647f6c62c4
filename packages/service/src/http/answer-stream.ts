import { RegistryError } from '@arc3088/problems'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

import type { Log } from '../log.ts'
import type { ServiceEnv } from './service-env.ts'

/** An answer that is made while it is read. */
export interface AnswerStream {
  readonly headers: Readonly<Record<string, string>>
  /** A reader that takes nothing for so long is cut; nothing is kept for it. */
  readonly takeSecondsMax: number
  /** Makes the chunks. `gone` is aborted when the reader has left, and nothing more will be taken. */
  chunks(gone: AbortSignal): AsyncIterable<Uint8Array>
}

/**
 * Answers 200 with a stream. A chunk is made only when the connection has taken the one before it, so that a slow
 * reader slows its producer and fills no memory. A producer that throws cuts the connection after what was written
 * before: an answer that broke off never looks like one that ended.
 */
export function answerStream(c: Context<ServiceEnv>, stream: AnswerStream): Response {
  const { log } = c.get('service')
  const { path } = c.req
  const connection = connectionOf(c)
  const gone = new AbortController()
  const chunks = stream.chunks(gone.signal)[Symbol.asyncIterator]()
  let patience: NodeJS.Timeout | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(patience)
        try {
          const next = await chunks.next()
          if (gone.signal.aborted) return
          if (next.done === true) return controller.close()
          controller.enqueue(next.value)
          patience = setTimeout(() => {
            log.debug({ 'http.path': path }, 'a reader took nothing and is cut')
            connection?.outgoing?.destroy()
          }, stream.takeSecondsMax * 1000)
        } catch (error) {
          if (gone.signal.aborted) return
          logBreak(error, path, log)
          // Not controller.error(): the adapter ends the answer in the regular way after that, with the error's text.
          if (connection?.outgoing?.socket) connection.outgoing.socket.destroySoon()
          else controller.error(error)
        }
      },
      async cancel() {
        clearTimeout(patience)
        gone.abort()
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: stream.headers })
}

/** The connection of a request; an app that is called without a socket (in a test) has none. */
export function connectionOf(c: Context<ServiceEnv>): Partial<HttpBindings> | undefined {
  return c.env as Partial<HttpBindings> | undefined
}

function logBreak(error: unknown, path: string, log: Log): void {
  const fields = { 'http.path': path, err: error }
  if (error instanceof RegistryError && error.status < 500) log.debug(fields, 'an answer was broken off')
  else log.error(fields, 'an answer broke off')
}
