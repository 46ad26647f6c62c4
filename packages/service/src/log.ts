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
  const settings = { level, base: { service }, timestamp: stdTimeFunctions.isoTime }
  return destination === undefined ? pino(settings) : pino(settings, destination)
}
