import { EventEmitter } from 'node:events'

import { afterEach, describe, expect, test, vi } from 'vitest'

import { createLog } from './log.ts'
import { runUntilStopped, type ProcessLike } from './run.ts'

/** What leaves `exit`, which never returns. */
class Exited extends Error {}

function createProcess(connected?: boolean) {
  const events = new EventEmitter()
  const codes: number[] = []
  const process: ProcessLike = {
    connected,
    on: (event, listener) => events.on(event, listener),
    exit(code) {
      codes.push(code)
      throw new Exited()
    },
  }
  return { process, events, codes }
}

const logged: string[] = []
const log = createLog({
  level: 'info',
  service: 'test',
  destination: { write: (line) => void logged.push(line) },
})

afterEach(() => {
  vi.useRealTimers()
  logged.length = 0
})

describe('a running node', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'])('stops and leaves with 0 at %s', async (event) => {
    const { process, events, codes } = createProcess()
    let stopped = 0
    const running = runUntilStopped({ stop: async () => void (stopped += 1) }, process, log)
    events.emit(event)
    await expect(running).rejects.toThrow(Exited)
    expect([stopped, codes]).toEqual([1, [0]])
    expect(logged.join('')).toContain(`"stop.reason":"${event}"`)
  })

  test('stops at once when its parent went before it listened', async () => {
    const { process, codes } = createProcess(false)
    await expect(runUntilStopped({ stop: async () => undefined }, process, log)).rejects.toThrow(Exited)
    expect(codes).toEqual([0])
  })

  test.each([true, undefined])('goes on while its parent is %s', async (connected) => {
    const { process, events, codes } = createProcess(connected)
    const running = runUntilStopped({ stop: async () => undefined }, process, log)
    await new Promise((resolve) => setImmediate(resolve))
    expect(codes).toEqual([])
    events.emit('SIGTERM')
    await expect(running).rejects.toThrow(Exited)
  })

  test('listens on while it stops, so that a repeated signal does not kill it', async () => {
    const { process, events, codes } = createProcess()
    const stopping = Promise.withResolvers<void>()
    let stopped = 0
    const node = {
      stop: () => {
        stopped += 1
        return stopping.promise
      },
    }
    const running = runUntilStopped(node, process, log)
    events.emit('SIGINT')
    await new Promise((resolve) => setImmediate(resolve))
    expect(events.listenerCount('SIGINT')).toBe(1)
    events.emit('SIGINT')
    events.emit('SIGTERM')
    stopping.resolve()
    await expect(running).rejects.toThrow(Exited)
    expect([stopped, codes]).toEqual([1, [0]])
  })

  test('leaves with 1 when stopping fails, and says why in the log', async () => {
    const { process, events, codes } = createProcess()
    const running = runUntilStopped({ stop: () => Promise.reject(new Error('pool is stuck')) }, process, log)
    events.emit('SIGTERM')
    await expect(running).rejects.toThrow(Exited)
    expect(codes).toEqual([1])
    expect(logged.join('')).toContain('pool is stuck')
  })

  test('leaves with 1 when stopping takes longer than 15 s', async () => {
    vi.useFakeTimers()
    const { process, events, codes } = createProcess()
    void runUntilStopped({ stop: () => new Promise(() => undefined) }, process, log)
    events.emit('SIGTERM')
    await vi.advanceTimersByTimeAsync(14_999)
    expect(codes).toEqual([])
    expect(() => vi.advanceTimersByTime(1)).toThrow(Exited)
    expect(codes).toEqual([1])
  })
})
