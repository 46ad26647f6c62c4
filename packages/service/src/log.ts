import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'

/** A structured log. The message reads alone; fields are dotted names. Never keys, tokens or bodies. */
export type Log = Logger

/** Levels that `LOG_LEVEL` takes. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** One JSON object a line, on standard output unless told otherwise. */
export function createLog(options: {
  level: (typeof LOG_LEVELS)[number]
  service: string
  destination?: DestinationStream
}): Log {
  const { level, service, destination } = options
  const settings = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: describeError },
  }
  return destination === undefined ? pino(settings) : pino(settings, destination)
}

const CAUSES_MAX = 4

/**
 * What the log may know of an error. By name, not by what it carries: a database error carries the row and the values
 * it was about (`detail`, `where`), and those may be somebody's identity number.
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error === undefined ? undefined : { type: typeof error }
  const { name, message, stack, cause } = error
  const told: Record<string, unknown> = { type: name, message, stack }
  for (const member of ['code', 'constraint', 'table', 'routine'] as const) {
    const value: unknown = Reflect.get(error, member)
    if (typeof value === 'string') told[member] = value
  }
  if (cause !== undefined && depth < CAUSES_MAX) told['cause'] = describeError(cause, depth + 1)
  return told
}
