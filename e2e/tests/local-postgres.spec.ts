import { createConnection } from 'node:net'

import { waitFor } from '@arc3088/testkit'
import { expect, test } from 'vitest'

import { isRunning, program, startSaying } from '../programs/processes.ts'

interface Owned {
  readonly pid: number
  readonly guardianPid: number
  readonly port: number
}

const isOpen = async (port: number) =>
  await new Promise<boolean>((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'leaves no process and no port after %s to the owner',
  async (signal) => {
    const { child, line } = await startSaying(process.execPath, [program('own-server.mjs')])
    const { pid, guardianPid, port } = JSON.parse(line) as Owned
    expect(await isOpen(port)).toBe(true)
    child.kill(signal)
    await waitFor(() => !isRunning(pid) && !isRunning(guardianPid), { what: 'PostgreSQL and its guardian' })
    expect(await isOpen(port)).toBe(false)
  },
)
