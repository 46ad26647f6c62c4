import { setTimeout as sleep } from 'node:timers/promises'

/** Something that is done again and again. */
export interface Repetition {
  /** Resolves when the turn under way, if there is one, is over; there is none after it. */
  stop(): Promise<void>
}

/** How often, and who hears of what fails. */
export interface RepeatOptions {
  /** Between the end of a turn and the next. */
  readonly milliseconds: number
  /** Turns that fail one after the other are put further and further apart, up to this; by default they are not. */
  readonly slowestMilliseconds?: number
  /** Told once a fault, however often it comes in a row. */
  onFault(error: unknown): void
}

/** Does `turn` at once and then again and again until it is stopped; a turn that fails is tried again. */
export function repeat(turn: () => Promise<void>, options: RepeatOptions): Repetition {
  const { milliseconds, slowestMilliseconds = milliseconds, onFault } = options
  const stopping = new AbortController()

  async function run(): Promise<void> {
    let pause = milliseconds
    let lastFault = ''
    while (!stopping.signal.aborted) {
      try {
        await turn()
        pause = milliseconds
        lastFault = ''
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error)
        if (fault !== lastFault) onFault(error)
        lastFault = fault
        pause = Math.min(pause * 2, slowestMilliseconds)
      }
      await sleep(pause, undefined, { signal: stopping.signal }).catch(ignoreAbort)
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError') return
  throw error
}
