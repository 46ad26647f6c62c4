import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** An answer of a node, to be given again by a server that does nothing else. */
export interface RawAnswer {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a server writes by itself. */
const NOT_REPEATED = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding'])

/** A bare node:http server: the most that one process of ours could answer. */
export interface RawPeer extends AsyncDisposable {
  readonly port: number
}

/** Starts it with these answers; it ends with this process. */
export async function startRawPeer(answers: readonly RawAnswer[]): Promise<RawPeer> {
  const child = fork(join(import.meta.dirname, 'raw-server.ts'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const listening = once(child, 'message')
  child.send(answers)
  const [port] = (await listening) as [number]
  return {
    port,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

/** What a node answers now, with the headers that it chose. @throws Error unless it is a 200. */
export async function answerOf(url: string, accept: string): Promise<RawAnswer> {
  const response = await fetch(url, { headers: { accept } })
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1')
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${body}`)
  const chosen = [...response.headers].filter(
    ([name]) => !NOT_REPEATED.has(name) && name !== 'content-length',
  )
  return { headers: { ...Object.fromEntries(chosen), 'content-length': String(body.length) }, body }
}
