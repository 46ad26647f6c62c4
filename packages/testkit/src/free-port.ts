import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below what the kernel gives to outgoing connections: one of those would hold the port of a node that restarts. */
export const PORTS = { first: 11_000, last: 32_767 } as const

const given = new Set<number>()

/** More than there are workers of one run. */
const SHARES = 16

/**
 * The ports of this worker of a test run, so that no two workers take one between looking and listening, nor while a node
 * is down that will come back to it. `worker` counts from 1; runs at the same time mostly have other shares.
 */
export function portsOfWorker(
  worker = Number(process.env['VITEST_POOL_ID'] ?? 1),
  run: number = process.ppid,
): { readonly first: number; readonly last: number } {
  const size = Math.floor((PORTS.last - PORTS.first + 1) / SHARES)
  const first = PORTS.first + ((run + worker) % SHARES) * size
  return { first, last: first + size - 1 }
}

/**
 * A port that was free on every interface a moment ago, and that this process was not given before: a node that is
 * stopped finds its port again. Whoever can listen on port 0 rather does that.
 */
export async function freePort(): Promise<number> {
  const { first, last } = portsOfWorker()
  for (let attempt = 0; attempt <= PORTS.last - PORTS.first; attempt += 1) {
    const port = randomInt(first, last + 1)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${first} to ${last} is free`)
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}
