import type { Socket } from 'node:net'

/** Resolves when the connection is gone, in good order or reset: `once` would reject with the reset. */
export async function closeOf(socket: Socket): Promise<void> {
  const closed = Promise.withResolvers<void>()
  socket.on('error', () => undefined)
  socket.once('close', () => closed.resolve())
  await closed.promise
}
