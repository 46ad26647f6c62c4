import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below what the kernel gives to outgoing connections: one of those would hold the port of a node that restarts. */
export const PORTS = { first: 11_000, last: 32_767 } as const

const given = new Set<number>()

/**
 * A port that was free on every interface a moment ago, and that this process was not given before: a node that is
 * stopped finds its port again. Whoever can listen on port 0 rather does that.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt <= PORTS.last - PORTS.first; attempt += 1) {
    const port = randomInt(PORTS.first, PORTS.last + 1)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${PORTS.first} to ${PORTS.last} is free`)
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}
