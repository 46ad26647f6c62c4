import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'

/** A line of the answer: of one registration, the summary, or the problem at which the stream broke off. */
export interface BulkLineSeen {
  readonly line?: number
  readonly key?: string
  readonly code?: string
  readonly record?: string
  readonly replayed?: boolean
  readonly problem?: { readonly code: string; readonly detail?: string }
  readonly lines?: number
  readonly assigned?: number
  readonly refused?: number
}

/** A bulk registration under way, with both directions in the hands of the test. */
export interface BulkStream {
  /** Sends text, and resolves when the connection has taken it. */
  send(text: string): Promise<void>
  end(): void
  abort(): void
  readonly answer: Promise<IncomingMessage>
  /** The whole lines that came, and whether the answer ended as it should. */
  readAll(onLine?: (line: BulkLineSeen) => void): Promise<{ lines: BulkLineSeen[]; isWhole: boolean }>
}

/** Opens a stream; nothing is sent yet but its head. */
export function openBulk(url: string, token: string, ontology: string): BulkStream {
  const asking: ClientRequest = request(`${url}/v1/ontologies/${ontology}/instances:bulk`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    agent: false,
  })
  asking.on('error', () => undefined)
  asking.flushHeaders()
  const answer = once(asking, 'response').then(([response]) => response as IncomingMessage)
  answer.catch(() => undefined)
  return {
    answer,
    async send(text) {
      if (asking.destroyed) throw new Error('the connection is gone')
      if (asking.write(text)) return
      const settled = new AbortController()
      const either = [once(asking, 'drain', settled), once(asking, 'close', settled)]
      for (const one of either) one.catch(() => undefined)
      await Promise.race(either).finally(() => settled.abort())
    },
    end: () => void asking.end(),
    abort: () => void asking.destroy(),
    async readAll(onLine = () => undefined) {
      const lines: BulkLineSeen[] = []
      try {
        let rest = ''
        for await (const piece of (await answer).setEncoding('utf8')) {
          const parts = (rest + String(piece)).split('\n')
          rest = parts.pop() ?? ''
          for (const part of parts) {
            const line = JSON.parse(part) as BulkLineSeen
            lines.push(line)
            onLine(line)
          }
        }
        return { lines, isWhole: rest === '' }
      } catch {
        // Cut: by us, by the node, or with it.
        return { lines, isWhole: false }
      }
    },
  }
}

/** Sends these lines to the end and reads the answer meanwhile. */
export async function sendBulk(
  url: string,
  token: string,
  { ontology, lines }: { ontology: string; lines: readonly string[] },
): Promise<{ lines: BulkLineSeen[]; isWhole: boolean }> {
  const stream = openBulk(url, token, ontology)
  const reading = stream.readAll()
  void sendLines(stream, lines)
  return await reading
}

/** Sends lines in blocks, and the end; a connection that breaks meanwhile is found by whoever reads. */
export async function sendLines(stream: BulkStream, lines: readonly string[]): Promise<void> {
  try {
    for (let at = 0; at < lines.length; at += 200)
      await stream.send(
        lines
          .slice(at, at + 200)
          .join('\n')
          .concat('\n'),
      )
    stream.end()
  } catch {
    stream.abort()
  }
}
