/** Lines of the input from the first that was not answered: what must be sent again when a stream breaks. */
export interface Outstanding {
  /** True while a line is unanswered or the input has another. */
  hasMore(): Promise<boolean>
  /** A body of all unanswered lines and then of the input's, as long as answers come. */
  send(signal: AbortSignal): ReadableStream<Uint8Array>
  /** Takes the first unanswered line for answered, and says its place in the input. */
  next(): number
  answered(): number
  close(): void
}

/** Lines that may be unanswered at a time: a few transactions of the node, so that it never waits for us. */
const UNANSWERED_MAX = 8000
/** Lines of one request, well within what a node takes. */
const STREAM_LINES_MAX = 100_000

const encoder = new TextEncoder()

export function createOutstanding(input: AsyncIterable<string>): Outstanding {
  const lines = input[Symbol.asyncIterator]()
  const unanswered: string[] = []
  let answered = 0
  let isEnded = false
  let reading: Promise<void> | undefined
  let wake: (() => void) | undefined

  /** One line more; a read that another stream began is waited for, not doubled. */
  async function read(): Promise<void> {
    reading ??= (async () => {
      const next = await lines.next()
      if (next.done === true) isEnded = true
      else unanswered.push(next.value)
    })().finally(() => {
      reading = undefined
    })
    await reading
  }

  return {
    async hasMore() {
      if (unanswered.length === 0 && !isEnded) await read()
      return unanswered.length > 0
    },
    send(signal) {
      let sent = 0
      const before = answered
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            for (;;) {
              if (signal.aborted) return
              const place = before + sent - answered
              if (sent === STREAM_LINES_MAX || (isEnded && place >= unanswered.length))
                return controller.close()
              if (place < unanswered.length) {
                const block = unanswered.slice(place, place + Math.min(500, STREAM_LINES_MAX - sent))
                sent += block.length
                return controller.enqueue(encoder.encode(`${block.join('\n')}\n`))
              }
              if (unanswered.length < UNANSWERED_MAX) await read()
              else {
                const { promise, resolve } = Promise.withResolvers<void>()
                wake = resolve
                signal.addEventListener('abort', () => resolve(), { once: true })
                await promise
              }
            }
          },
        },
        { highWaterMark: 0 },
      )
    },
    next() {
      if (unanswered.shift() === undefined) throw new Error('the node answered more lines than were sent')
      answered++
      wake?.()
      return answered
    },
    answered: () => answered,
    // Not waited for: where a line is being read, that ends when it comes.
    close: () => void lines.return?.(),
  }
}
