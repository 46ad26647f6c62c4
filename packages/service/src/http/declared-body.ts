import { RegistryError } from '@arc3088/problems'
import { parseStrictJson, StrictJsonError } from '@arc3088/strict-json'
import type { RouteConfig } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'

import { problems } from './problem-responses.ts'

const JSON_MEDIA_TYPE = 'application/json'

/**
 * Puts before the validators of a route a reader that takes only the media types that the route declares, and of
 * JSON only text that has one meaning (wire format W0). Runs after the route's own guard, so that strangers' bodies
 * are not parsed. That refusal is promised in the route's contract. A route that declares no body is left alone.
 *
 * @throws Error for a JSON body that is not `required`: the validator would hand on `{}` in its place, unvalidated.
 */
export function withDeclaredBody<Route extends RouteConfig>(route: Route): Route {
  const body = route.request?.body
  if (body === undefined) return route
  const declared = Object.keys(body.content)
  if (declared.includes(JSON_MEDIA_TYPE) && body.required !== true)
    throw new Error(`${route.method} ${route.path}: say \`required: true\` of the body`)
  const own = route.middleware ?? []
  const responses = { ...problems('media-type-unsupported'), ...route.responses }
  return {
    ...route,
    responses,
    middleware: [...(Array.isArray(own) ? own : [own]), readDeclaredBody(declared)],
  }
}

function readDeclaredBody(declared: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const mediaType = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
    if (mediaType === undefined && !hasBody(c)) throw new RegistryError('request-invalid', 'body: is missing')
    if (mediaType === undefined || !declared.includes(mediaType)) {
      throw new RegistryError('media-type-unsupported', `Send ${declared.join(' or ')}`, {
        extra: { declared },
      })
    }
    if (mediaType === JSON_MEDIA_TYPE) await readStrictJson(c)
    return await next()
  }
}

/** RFC 9112 section 6.3: a request without either header has no body. Requests made in tests have one all the same. */
function hasBody(c: Context): boolean {
  const announced = c.req.header('content-length')
  if (announced !== undefined) return announced !== '0'
  return c.req.header('transfer-encoding') !== undefined || c.req.raw.body !== null
}

/** Refuses what is ambiguous. The bytes stay cached by the request, from where the validator parses them again. */
async function readStrictJson(c: Context): Promise<void> {
  const text = decodeUtf8(await readBytes(c))
  try {
    parseStrictJson(text)
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    throw new RegistryError('request-invalid', `body: ${error.message}`, {
      extra: { fault: error.fault },
      cause: error,
    })
  }
}

async function readBytes(c: Context): Promise<ArrayBuffer> {
  try {
    return await c.req.arrayBuffer()
  } catch (cause) {
    throw new RegistryError('request-invalid', 'body: did not arrive whole', { cause })
  }
}

/** RFC 8259 section 8.1: UTF-8 and no byte order mark. Replacing what is not UTF-8 would make two bodies one. */
function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new RegistryError('request-invalid', 'body: is not UTF-8', {
      extra: { fault: 'json-invalid' },
      cause,
    })
  }
}
