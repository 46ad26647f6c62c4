import { connect } from 'node:net'

/**
 * Sends bytes as they are, and answers all that comes back until the other side closes; or until it was quiet for so
 * long, where it is not to close: then the connection is broken off.
 */
export async function sendRaw(
  port: number,
  parts: readonly string[],
  quietMilliseconds = 60_000,
): Promise<{ text: string; closed: boolean }> {
  const socket = connect({ host: '127.0.0.1', port })
  let text = ''
  let closed = false
  const quiet = Promise.withResolvers<void>()
  const timer = setTimeout(() => quiet.resolve(), quietMilliseconds)
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
    timer.refresh()
  })
  // A reset after the answer is as good as a close.
  socket.on('error', () => quiet.resolve())
  socket.on('close', () => {
    closed = true
    quiet.resolve()
  })
  for (const part of parts) {
    socket.write(part)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await quiet.promise
  clearTimeout(timer)
  socket.destroy()
  return { text, closed }
}
