import { problemKind, type ProblemCode } from './catalogue.ts'
import { RegistryError } from './registry-error.ts'

/** The media type of RFC 9457 section 3. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** An RFC 9457 problem with this project's two extensions: the Chinese title and the stable code. */
export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly title_zh: string
  readonly status: number
  readonly code: ProblemCode
  readonly instance: string
  readonly detail?: string
  readonly [extra: string]: unknown
}

/**
 * Renders an error for the caller. Anything that is not a RegistryError is `internal` and says nothing else,
 * since its message may hold a query, a path or a secret. Extra members can never replace the standard ones.
 */
export function toProblemDetails(error: unknown, instance: string): ProblemDetails {
  const code = error instanceof RegistryError ? error.code : 'internal'
  const { status, title, title_zh } = problemKind(code)
  const problem: ProblemDetails = { type: `/problems/${code}`, title, title_zh, status, code, instance }
  if (!(error instanceof RegistryError) || code === 'internal') return problem
  return { ...error.extra, ...problem, detail: error.message }
}

/** OpenID Federation 1.0 section 8.9: what a federation endpoint answers instead of a problem document. */
export interface FederationError {
  readonly error: string
  readonly error_description: string
}

/** Renders an error for a federation endpoint; a refusal without a federation name of its own is `invalid_request`. */
export function toFederationError(error: unknown): { status: number; body: FederationError } {
  const code = error instanceof RegistryError ? error.code : 'internal'
  const kind = problemKind(code)
  const isServerFault = kind.status >= 500
  return {
    status: kind.status,
    body: {
      error: kind.oidf ?? (isServerFault ? 'server_error' : 'invalid_request'),
      error_description: error instanceof RegistryError && code !== 'internal' ? error.message : kind.title,
    },
  }
}
