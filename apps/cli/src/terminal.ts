import type { Readable, Writable } from 'node:stream'

/** Everything a command meets besides its arguments. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What comes in; undefined when a person sits there, who would only wonder why nothing happens. */
  readonly input: AsyncIterable<string> | undefined
  now(): Date
  /** Writes to stdout, and waits while its reader is slow. */
  write(text: string): Promise<void>
  /** Writes to stderr. */
  complain(text: string): void
}

/** The terminal of a process; `main.ts` passes its streams. */
export function openTerminal(streams: {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable
  readonly stderr: Writable
}): Terminal {
  const { stdin, stdout, stderr } = streams
  return {
    environment: streams.environment,
    input: stdin.isTTY === true ? undefined : linesOf(stdin),
    now: () => new Date(),
    async write(text) {
      if (stdout.write(text)) return
      await new Promise((resolve) => stdout.once('drain', resolve))
    },
    complain: (text) => void stderr.write(text),
  }
}

/** Lines end at LF or CRLF alone; every other character belongs to the input, which may be anything. */
async function* linesOf(stream: Readable): AsyncIterable<string> {
  let rest = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}
