import { setTimeout as sleep } from 'node:timers/promises'

import { CannotTell, Refusal } from '../failure.ts'
import { createOutstanding, type Outstanding } from './bulk-outstanding.ts'

/** What a node refuses a line, or the stream, with (RFC 9457). */
export interface Problem {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail?: string
}

/** What became of one line. */
export interface LineAnswer {
  /** Its place in the input, from 1. */
  readonly line: number
  readonly key?: string
  readonly code?: string
  readonly record?: string
  readonly replayed?: boolean
  readonly problem?: Problem
}

interface Exchange {
  readonly url: string
  readonly token: string
  readonly lines: AsyncIterable<string>
}

/** Tries without one line answered, after which it is given up. */
const ATTEMPTS_MAX = 8
const FIRST_RETRY_MILLISECONDS = 250
const RETRY_MILLISECONDS_MAX = 5000
const NDJSON = 'application/x-ndjson'

/** The stream broke off; what was not answered is sent again. */
class Broken extends Error {}

/**
 * Registers line after line, and hands out the answers in order. A stream that breaks is taken up again with the lines
 * that were not answered, by their keys. @throws Refusal, or CannotTell when it breaks too often.
 */
export async function* registerLines(exchange: Exchange): AsyncGenerator<LineAnswer> {
  const outstanding = createOutstanding(exchange.lines)
  try {
    let failures = 0
    while (await outstanding.hasMore()) {
      try {
        for await (const answer of oneStream(exchange, outstanding)) {
          failures = 0
          yield answer
        }
      } catch (error) {
        if (!(error instanceof Broken)) throw error
        if (++failures === ATTEMPTS_MAX) {
          const done = outstanding.answered()
          throw new CannotTell(`${error.message}; ${done} lines were answered. The same input again goes on`)
        }
        await sleep(Math.min(FIRST_RETRY_MILLISECONDS * 2 ** (failures - 1), RETRY_MILLISECONDS_MAX))
      }
    }
  } finally {
    outstanding.close()
  }
}

/** One request, from the first line that was not answered to the end of the input or of what a stream may hold. */
async function* oneStream({ url, token }: Exchange, outstanding: Outstanding): AsyncGenerator<LineAnswer> {
  const leaving = new AbortController()
  const { origin } = new URL(url)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': NDJSON, accept: NDJSON },
      body: outstanding.send(leaving.signal),
      duplex: 'half',
      redirect: 'error',
      signal: leaving.signal,
    }).catch((error: unknown) => {
      throw new Broken(`${origin} cannot be reached (${reasonOf(error)})`)
    })
    if (response.status !== 200) throw await refusalOf(response, origin)
    let hasEnded = false
    for await (const text of linesOf(response, origin)) {
      const answer = readAnswer(text, origin)
      if ('lines' in answer) {
        hasEnded = true
        continue
      }
      if (answer.line === undefined) throw failureOf(answer.problem, origin)
      yield { ...answer, line: outstanding.next() }
    }
    if (!hasEnded) throw new Broken(`${origin} broke off`)
  } finally {
    leaving.abort()
  }
}

type WireAnswer = (Omit<LineAnswer, 'line'> & { readonly line?: number }) | { readonly lines: number }

function readAnswer(text: string, origin: string): WireAnswer {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new CannotTell(`${origin} answered what is no JSON`)
  }
  if (typeof value !== 'object' || value === null)
    throw new CannotTell(`${origin} answered what is no object`)
  // Shown and counted, never acted upon: a node that answers nonsense is shown to.
  return value
}

async function* linesOf(response: Response, origin: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  let rest = ''
  for (;;) {
    const piece = await reader?.read().catch((error: unknown) => {
      throw new Broken(`${origin} broke off (${reasonOf(error)})`)
    })
    if (piece === undefined || piece.done) return
    const lines = (rest + decoder.decode(piece.value, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

async function refusalOf(response: Response, origin: string): Promise<Error> {
  const text = await response.text().catch(() => '')
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true
  if (!isProblem) return new Broken(`${origin} answered ${response.status}`)
  const answer = readAnswer(`{"problem":${text}}`, origin)
  return failureOf('problem' in answer ? answer.problem : undefined, origin)
}

/** What ends a stream: for good where it was refused, else until the next try. */
function failureOf(problem: Problem | undefined, origin: string): Error {
  if (problem === undefined) return new Broken(`${origin} answered a line that is none`)
  const { code, status, title, detail = title } = problem
  if (status >= 500 || status === 408 || status === 429) return new Broken(`${origin}: ${code}: ${detail}`)
  return new Refusal(code, detail, { ...problem })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
