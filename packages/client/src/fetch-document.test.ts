import { RegistryError } from '@arc3088/problems'
import { expect, test } from 'vitest'

import { fetchDocumentOver } from './fetch-document.ts'

const request = { url: 'https://root.example/x', headers: { accept: 'text/plain' }, bytesMax: 10 }

function answering(response: () => Response | Promise<Response>) {
  const seen: RequestInit[] = []
  const fetchDocument = fetchDocumentOver(async (_, init) => {
    if (init !== undefined) seen.push(init)
    return await response()
  })
  return { fetchDocument, seen }
}

test('asks without credentials, follows no redirect, and reads the media type without parameters', async () => {
  const { fetchDocument, seen } = answering(
    () => new Response('0123456789', { headers: { 'content-type': 'Text/Plain; charset=utf-8' } }),
  )
  expect(await fetchDocument(request)).toMatchObject({
    status: 200,
    mediaType: 'text/plain',
    body: '0123456789',
  })
  expect(seen[0]).toMatchObject({ redirect: 'error', credentials: 'omit', headers: { accept: 'text/plain' } })
})

test('refuses an answer that is longer than asked for, before reading the rest', async () => {
  let pulled = 0
  const { fetchDocument } = answering(
    () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled += 1
            controller.enqueue(new Uint8Array(8))
          },
        }),
      ),
  )
  await expect(fetchDocument(request)).rejects.toMatchObject({ code: 'upstream-unreachable' })
  expect(pulled).toBeLessThan(5)
})

test.each([
  ['upstream-unreachable', new TypeError('fetch failed')],
  ['upstream-timeout', new DOMException('too slow', 'TimeoutError')],
])('says %s where nobody answers', async (code, error) => {
  const { fetchDocument } = answering(() => Promise.reject(error))
  const failure: unknown = await fetchDocument(request).catch((reason: unknown) => reason)
  expect(failure).toBeInstanceOf(RegistryError)
  expect(failure).toMatchObject({ code })
})
