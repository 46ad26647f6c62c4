import { problemKind, type ProblemCode } from './catalogue.ts'

/** What a refusal may tell beyond its catalogue row: plain JSON, public. */
export type ProblemExtra = Readonly<Record<string, unknown>>

/**
 * A refusal. `detail` and `extra` are public and leave the node; `cause` is for the log and never does.
 * Anything thrown that is not a RegistryError is a programmer's error and becomes `internal`.
 */
export class RegistryError extends Error {
  readonly code: ProblemCode
  readonly extra: ProblemExtra

  constructor(code: ProblemCode, detail: string, options: { extra?: ProblemExtra; cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RegistryError'
    this.code = code
    this.extra = options.extra ?? {}
  }

  /** The HTTP status that says this refusal. */
  get status(): number {
    return problemKind(this.code).status
  }
}
