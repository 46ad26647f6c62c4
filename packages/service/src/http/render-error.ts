import { PROBLEM_MEDIA_TYPE, RegistryError, toFederationError, toProblemDetails } from '@arc3088/problems'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'

import type { Log } from '../log.ts'
import { refusalHeaders } from './refusal-headers.ts'

/** Where OpenID Federation's own endpoints stand, at every node. */
const FEDERATION_PATH = '/federation/'

/** Where a witness takes checkpoints, at every node. */
const WITNESS_PATH = '/add-checkpoint'

/**
 * Renders any error of a service as its address asks: OpenID Federation's words below `/federation/`, plain text at the
 * witness, else a problem.
 */
export function renderError(error: unknown, c: Context, log: Log): Response {
  if (c.req.path.startsWith(FEDERATION_PATH)) return renderFederationError(error, c, log)
  return c.req.path === WITNESS_PATH ? renderTlogError(error, c, log) : renderProblem(error, c, log)
}

/** Renders any error as an RFC 9457 problem, and logs it here, once. */
export function renderProblem(error: unknown, c: Context, log: Log): Response {
  const refusal = asRefusal(error)
  const problem = toProblemDetails(refusal, c.req.path)
  logError(refusal, c, log, problem.status)
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': PROBLEM_MEDIA_TYPE, ...refusalHeaders(refusal, c.req.method) },
  })
}

/** Renders any error as OpenID Federation 1.0 section 8.9 asks, for the routes below `/federation`. */
export function renderFederationError(error: unknown, c: Context, log: Log): Response {
  const refusal = asRefusal(error)
  const { status, body } = toFederationError(refusal)
  logError(refusal, c, log, status)
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...refusalHeaders(refusal, c.req.method) },
  })
}

/**
 * Renders any error as C2SP tlog-witness asks: plain text, but a conflict is answered with the size that the witness
 * knows, and nothing else.
 */
function renderTlogError(error: unknown, c: Context, log: Log): Response {
  const refusal = asRefusal(error)
  const { status, code, title, detail } = toProblemDetails(refusal, c.req.path)
  logError(refusal, c, log, status)
  const isConflict = refusal instanceof RegistryError && refusal.code === 'checkpoint-conflict'
  const body = isConflict ? `${String(refusal.extra['size'])}\n` : `${code}: ${detail ?? title}\n`
  const mediaType = isConflict ? 'text/x.tlog.size' : 'text/plain; charset=utf-8'
  return new Response(body, {
    status,
    headers: { 'content-type': mediaType, ...refusalHeaders(refusal, c.req.method) },
  })
}

/** Hono's own refusals become ours, so that a caller meets one shape only. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof HTTPException)) return error
  if (error.status === 400) return new RegistryError('request-invalid', error.message, { cause: error })
  if (error.status === 415)
    return new RegistryError('media-type-unsupported', error.message, { cause: error })
  return new RegistryError('internal', 'An unexpected HTTP exception', { cause: error })
}

function logError(error: unknown, c: Context, log: Log, status: number): void {
  const fields = { 'http.method': c.req.method, 'http.path': c.req.path, 'http.status': status }
  if (error instanceof RegistryError && status < 500) {
    log.debug({ ...fields, 'problem.code': error.code, err: error.cause }, 'request refused')
    return
  }
  log.error({ ...fields, err: error }, 'request failed')
}
