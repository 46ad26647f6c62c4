import { RegistryError } from '@arc3088/problems'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'

/** Largest request body unless a service says otherwise; an ontology description is the largest thing sent by people. */
export const BODY_BYTES_MAX = 256 * 1024

/**
 * Refuses bodies of more than so many bytes with `body-too-large`: by their announced length before a byte is read,
 * else as they arrive. A request that can have no body is not touched, because looking at it costs a whole Request; nor
 * is one whose path has no bound (`Infinity`), because its route reads a stream and bounds that itself.
 */
export function boundBody(bytesMax: (path: string) => number): MiddlewareHandler {
  const unannounced = new Map<number, MiddlewareHandler>()
  return (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    const max = bytesMax(c.req.path)
    if (max === Infinity) return next()
    const announced = c.req.header('content-length')
    if (announced !== undefined && c.req.header('transfer-encoding') === undefined) {
      if (Number(announced) > max) throw tooLarge(max)
      return next()
    }
    const read = unannounced.get(max) ?? readBounded(max)
    unannounced.set(max, read)
    return read(c, next)
  }
}

function readBounded(max: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: max,
    onError: () => {
      throw tooLarge(max)
    },
  })
}

function tooLarge(max: number): RegistryError {
  return new RegistryError('body-too-large', `A body holds at most ${max} bytes here`)
}
