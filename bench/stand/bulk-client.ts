import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

import type { StandNode } from './stand.ts'
import type { StandRequester } from './requester.ts'

const LINES_A_WRITE = 500
const SUMMARY_BYTES_MAX = 4096
const NEWLINE = 10

/** What came of a bulk registration. */
export interface BulkOutcome {
  readonly milliseconds: number
  readonly bytes: number
  /** The first whole lines of the answer, as many as were asked for. */
  readonly firstLines: string[]
}

/**
 * Registers `count` instances in one stream (`instances:bulk`), and reads the answer while it sends. What comes back is
 * counted and not parsed, so that the client costs little of the machine that it shares.
 *
 * @throws Error unless every line was assigned a code.
 */
export async function registerInBulk(
  node: StandNode,
  { token, ontology }: StandRequester,
  options: {
    readonly count: number
    readonly run: string
    readonly keepLines?: number
    readonly onCode?: (code: string) => void
  },
): Promise<BulkOutcome> {
  const { count, run, keepLines = 0, onCode } = options
  const from = performance.now()
  const asking = request(`${node.url}/v1/ontologies/${ontology}/instances:bulk`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    agent: false,
  })
  const answered = once(asking, 'response')
  const sending = (async () => {
    for (let at = 0; at < count; at += LINES_A_WRITE) {
      const some = Array.from(
        { length: Math.min(LINES_A_WRITE, count - at) },
        (_, nth) => `{"key":"${run}-${at + nth}"}\n`,
      )
      if (!asking.write(some.join(''))) await once(asking, 'drain')
    }
    asking.end()
  })()
  const [response] = (await answered) as [IncomingMessage]
  const seen = await readLines(response, keepLines, onCode)
  await sending
  if (response.statusCode !== 200) throw new Error(`bulk answered ${response.statusCode}: ${seen.tail}`)
  const summary = JSON.parse(seen.tail.trimEnd().split('\n').at(-1) ?? '') as {
    assigned?: number
    refused?: number
  }
  if (summary.assigned !== count || seen.lines !== count + 1)
    throw new Error(`of ${count} lines ${seen.lines - 1} were answered: ${JSON.stringify(summary)}`)
  return { milliseconds: performance.now() - from, bytes: seen.bytes, firstLines: seen.first }
}

async function readLines(
  response: IncomingMessage,
  keepLines: number,
  onCode: ((code: string) => void) | undefined,
): Promise<{ lines: number; bytes: number; tail: string; first: string[] }> {
  let [lines, bytes] = [0, 0]
  let tail: Buffer = Buffer.alloc(0)
  const first: string[] = []
  let rest = ''
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) lines++
    tail = Buffer.concat([tail, piece]).subarray(-SUMMARY_BYTES_MAX)
    if (onCode === undefined && first.length >= keepLines) continue
    const parts = (rest + piece.toString('latin1')).split('\n')
    rest = parts.pop() ?? ''
    first.push(...parts.slice(0, Math.max(0, keepLines - first.length)))
    if (onCode !== undefined) for (const part of parts) readCode(part, onCode)
  }
  return { lines, bytes, tail: tail.toString('latin1'), first }
}

const CODE = '"code":"'

function readCode(line: string, onCode: (code: string) => void): void {
  const at = line.indexOf(CODE)
  if (at < 0) return
  const from = at + CODE.length
  onCode(line.slice(from, line.indexOf('"', from)))
}
