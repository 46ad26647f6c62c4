import { expect, test } from 'vitest'

import { createProviderApi, createResolverApi, createRootApi } from './api.ts'

/** A fetch that answers one JSON object, and what it was asked. */
function recordingFetch(answer: unknown, status = 200) {
  const asked: Request[] = []
  return {
    asked,
    fetch: (request: Request): Promise<Response> => {
      asked.push(request)
      return Promise.resolve(Response.json(answer, { status }))
    },
  }
}

test('calls a provider as the holder of a token, and follows no redirect with it', async () => {
  const { asked, fetch } = recordingFetch({ id: 'x' }, 201)
  const provider = createProviderApi({ baseUrl: 'https://p.example', token: 'arc3088_a_b', fetch })
  const { data } = await provider.POST('/v1/ontologies/{code}/instances', {
    params: { path: { code: '1.2.156.3088.1.1.34C2.478BDF.0' }, header: { 'idempotency-key': 'k' } },
    body: { serial: '3GF546' },
  })
  expect(data).toEqual({ id: 'x' })
  expect(asked[0]).toMatchObject({
    url: 'https://p.example/v1/ontologies/1.2.156.3088.1.1.34C2.478BDF.0/instances',
    method: 'POST',
    redirect: 'error',
  })
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer arc3088_a_b')
  expect(asked[0]?.headers.get('idempotency-key')).toBe('k')
  expect(await asked[0]?.json()).toEqual({ serial: '3GF546' })
})

test('sends no credential where none was given', async () => {
  const { asked, fetch } = recordingFetch({ items: [], next: null })
  await createRootApi({ baseUrl: 'https://root.example', fetch }).GET('/v1/providers', {
    params: { query: { limit: 10 } },
  })
  expect(asked[0]?.url).toBe('https://root.example/v1/providers?limit=10')
  expect(asked[0]?.headers.has('authorization')).toBe(false)
})

test('hands a refusal on as the problem it is', async () => {
  const { fetch } = recordingFetch({ code: 'code-malformed', status: 400 }, 400)
  const { data, error } = await createResolverApi({ baseUrl: 'https://r.example', fetch }).GET(
    '/v1/resolve/{code}',
    { params: { path: { code: 'x' } } },
  )
  expect(data).toBeUndefined()
  expect(error).toMatchObject({ code: 'code-malformed' })
})
