import { createServer } from 'node:http'
import process from 'node:process'

import type { RawAnswer } from './raw-peer.ts'

/** A bare node:http server, a process of its own: answers with what it was given, in turn, and looks at nothing. */
process.once('message', (answers: readonly RawAnswer[]) => {
  const ready = answers.map(({ headers, body }) => ({ headers, body: Buffer.from(body, 'latin1') }))
  let next = 0
  const server = createServer((_request, response) => {
    const answer = ready[next++ % ready.length]
    response.writeHead(200, answer?.headers)
    response.end(answer?.body)
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.send?.(address !== null && typeof address === 'object' ? address.port : 0)
  })
})
process.once('disconnect', () => process.exit())
