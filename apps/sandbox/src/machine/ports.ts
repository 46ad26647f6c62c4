import { createServer } from 'node:net'

import { SandboxError } from '../sandbox-error.ts'

/** @throws SandboxError naming each port that somebody else has. */
export async function demandFreePorts(wanted: readonly { name: string; port: number }[]): Promise<void> {
  const taken: string[] = []
  for (const { name, port } of wanted) {
    if (!(await isFree(port))) taken.push(`port ${port} (${name}) is taken by another program`)
  }
  if (taken.length === 0) return
  throw new SandboxError(
    `${taken.join('\n')}\nStop it, or use other ports: ARC3088_PORT_BASE=4000 ARC3088_STATE_DIR=.arc3088-4000 npm start`,
  )
}

async function isFree(port: number): Promise<boolean> {
  const outcome = await tryListen(port, '::')
  // Where IPv6 is off, the nodes listen on IPv4 alone.
  const isWithoutIpv6 = outcome === 'EAFNOSUPPORT' || outcome === 'EADDRNOTAVAIL'
  return (isWithoutIpv6 ? await tryListen(port, '0.0.0.0') : outcome) === 'free'
}

async function tryListen(port: number, host: string): Promise<string> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ port, host, ipv6Only: false }, () => server.close(() => resolve('free')))
  })
}
