import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import process from 'node:process'

import type { FromGenerator, LoadPlan, LoadResult } from './load-plan.ts'
import { createSamples, percentile } from './percentile.ts'
import { openRequests } from './request-source.ts'
import { createResponseReader, type ReadResponse } from './response-reader.ts'

const RECEIVE_BYTES = 65_536
const PROGRESS_MS = 20
const WATCH_MS = 1000
const ERROR_CHARACTERS = 600
/** An answer that takes longer is an error. */
const ANSWER_SECONDS_MAX = 30

/** A process of its own, so that what is measured shares no thread with it: takes plans by IPC, one at a time. */
process.on('message', (plan: LoadPlan) => {
  run(plan).then(
    (result) => say({ kind: 'done', result }),
    (error: unknown) =>
      say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})

function say(message: FromGenerator): void {
  process.send?.(message)
}

interface Counting {
  answered: number
  errors: number
  firstError: string | undefined
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  const next = openRequests(plan.request)
  const counting: Counting = { answered: 0, errors: 0, firstError: undefined }
  const latencies = createSamples()
  const kept: string[] = []
  const cpuBefore = process.cpuUsage()
  const from = performance.now()
  const until = from + plan.milliseconds
  let last = from
  const report = setInterval(() => {
    say({ kind: 'progress', at: performance.timeOrigin + performance.now(), answered: counting.answered })
  }, PROGRESS_MS)

  const waiting = new Set<() => void>()
  const watch = setInterval(() => {
    for (const look of waiting) look()
  }, WATCH_MS)

  function onAnswer({ status, start }: ReadResponse, sentAt: number): void {
    last = performance.now()
    latencies.add(last - sentAt)
    if (status !== plan.status) {
      fail(counting, start)
      return
    }
    counting.answered++
    if (plan.keep !== undefined) kept.push(textAfter(start, plan.keep))
  }

  const connections = Array.from({ length: plan.connections }, () =>
    keepAsking({ plan, next: (now) => (now < until ? next() : undefined), onAnswer, counting, waiting }),
  )
  await Promise.all(connections)
  clearInterval(report)
  clearInterval(watch)
  const cpu = process.cpuUsage(cpuBefore)
  if (plan.keptFile !== undefined) writeFileSync(plan.keptFile, kept.map((text) => `${text}\n`).join(''))
  const sorted = latencies.sorted()
  const milliseconds = last - from
  return {
    answered: counting.answered,
    milliseconds,
    perSecond: counting.answered / (milliseconds / 1000),
    p50: sorted.length === 0 ? Number.NaN : percentile(sorted, 0.5),
    p99: sorted.length === 0 ? Number.NaN : percentile(sorted, 0.99),
    errors: counting.errors,
    ...(counting.firstError === undefined ? {} : { firstError: counting.firstError }),
    cpuMicrosecondsPerRequest: (cpu.user + cpu.system) / Math.max(1, sorted.length),
  }
}

/** One connection, one request in flight, until there is no more to ask. */
async function keepAsking(parts: {
  plan: LoadPlan
  next: (now: number) => string | undefined
  onAnswer: (response: ReadResponse, sentAt: number) => void
  counting: Counting
  /** Connections that may wait in vain: each is asked now and then. */
  waiting: Set<() => void>
}): Promise<void> {
  const { plan, next, onAnswer, counting, waiting } = parts
  await new Promise<void>((done) => {
    const reader = createResponseReader()
    let sentAt = performance.now()
    let isOver = false
    const end = (error?: string): void => {
      if (isOver) return
      isOver = true
      waiting.delete(look)
      if (error !== undefined) fail(counting, error)
      socket.destroy()
      done()
    }
    const ask = (): void => {
      sentAt = performance.now()
      const text = next(sentAt)
      if (text === undefined) end()
      else socket.write(text, 'latin1')
    }
    // A timer of the socket's own would be set anew with every byte.
    const look = (): void => {
      if (performance.now() - sentAt > ANSWER_SECONDS_MAX * 1000) end(`no answer for ${ANSWER_SECONDS_MAX} s`)
    }
    waiting.add(look)
    const socket: Socket = connect({
      host: plan.host,
      port: plan.port,
      noDelay: true,
      // One buffer a connection for its whole life, and no stream above it: half of what a request costs here.
      onread: {
        buffer: Buffer.allocUnsafe(RECEIVE_BYTES),
        callback(count, buffer) {
          try {
            const response = reader.push(Buffer.from(buffer.buffer, buffer.byteOffset, count))
            if (response !== undefined) {
              onAnswer(response, sentAt)
              ask()
            }
          } catch (error) {
            end(error instanceof Error ? error.message : String(error))
          }
          return true
        },
      },
    })
    socket.on('connect', ask)
    socket.on('error', (error) => end(error.message))
    socket.on('close', () => end('the server closed the connection'))
  })
}

function fail(counting: Counting, text: string): void {
  counting.errors++
  counting.firstError ??= text.slice(0, ERROR_CHARACTERS)
}

function textAfter(text: string, marker: string): string {
  const at = text.indexOf(marker)
  if (at < 0) throw new Error(`${marker} is not in the answer`)
  const from = at + marker.length
  return text.slice(from, text.indexOf('"', from))
}
