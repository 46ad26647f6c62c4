import { expect, test } from 'vitest'

import { askFeed } from './ask-feed.ts'
import { FeedTrouble } from './feed-fault.ts'

const CHUNK = new Uint8Array(16 * 1024).fill(0x20)

/** Asks a node that refuses with that body and does not say how long it is. */
async function ask(body: ReadableStream<Uint8Array<ArrayBuffer>> | string) {
  const headers = { 'content-type': 'application/problem+json' }
  const fetch = () => Promise.resolve(new Response(body, { status: 410, headers }))
  const access = { baseUrl: 'https://p1.example', fetch, signal: undefined }
  return await askFeed(access, '/v1/changes', { mediaType: 'application/json', secondsMax: 5 })
}

test('reads no more of a refusal than a problem is long, whatever its length claims', async () => {
  let read = 0
  let isCancelled = false
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      read += 1
      if (read > 100) controller.error(new Error('read on and on'))
      else controller.enqueue(CHUNK)
    },
    cancel() {
      isCancelled = true
    },
  })
  await expect(ask(endless)).rejects.toThrow(FeedTrouble)
  expect([isCancelled, read < 10]).toEqual([true, true])
})

test('knows a refusal by its code', async () => {
  expect(await ask('{"code":"feed-gone"}')).toBe('gone')
})
