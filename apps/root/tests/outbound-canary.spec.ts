import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { parseStrictJson } from '@arc3088/records'
import { createRawClient, rawRequestSigner, signFirstKeySet, type RawAnswer } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFuzzedRoot, type FuzzedRoot } from './fuzzed-root.ts'
import { INSTITUTE_X } from './applicant-acts.ts'
import { jwksOf } from './provider-acts.ts'
import { newSigner, readJson } from './test-applicant.ts'

/** An address that nobody told the root to fetch, and what was asked of it. */
let canary: Server
let canaryUrl: string
const hits: string[] = []
let root: FuzzedRoot
beforeAll(async () => {
  canary = createServer((incoming, outgoing) => {
    hits.push(String(incoming.url))
    outgoing.writeHead(404).end()
  })
  await new Promise<void>((resolve) => {
    canary.listen(0, '127.0.0.1', resolve)
  })
  canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`
  root = await startFuzzedRoot()
})
afterAll(async () => {
  await root[Symbol.asyncDispose]()
  canary.closeAllConnections()
  await new Promise((resolve) => {
    canary.close(resolve)
  })
})

/** The body with the canary wherever it has an address, and beside it in every text, one at a time. */
function planted(body: unknown): unknown[] {
  const everywhere: unknown = JSON.parse(JSON.stringify(body), (_, value: unknown) =>
    typeof value === 'string' && /^https?:/.test(value) ? canaryUrl : value,
  )
  const texts = JSON.stringify(body).match(/(?<=:|,|\[)"[^"\\]*"(?=[,\]}])/g) ?? []
  const oneByOne = [...new Set(texts)].map((text): unknown =>
    JSON.parse(JSON.stringify(body).replace(`:${text}`, `:${JSON.stringify(canaryUrl)}`)),
  )
  return [everywhere, ...oneByOne]
}

test('no request makes the root fetch an address that the request names', async () => {
  using client = createRawClient(root.url)
  const stranger = { entityId: canaryUrl, signer: await newSigner() }
  const signAsStranger = rawRequestSigner(root.url, () => stranger)
  const answers: RawAnswer[] = []
  for (const { name, method, path, action, parameters } of root.contract.operations) {
    const fill = (_: string, parameter: string) =>
      encodeURIComponent((root.values[`${name} ${parameter}`] ?? root.values[parameter])?.[0] ?? canaryUrl)
    const query = parameters.filter((each) => each.in === 'query').map((each) => `${each.name}=${canaryUrl}`)
    const target = [path.replaceAll(/\{(\w+)\}/g, fill), ...(method === 'GET' ? query : []).slice(0, 1)].join(
      '?',
    )
    // A clerk who takes an application has its applicant asked: that is the one step by which an address is fetched.
    if (name === 'POST /v1/desk/applications/{id}/take') continue
    const bodies = method === 'GET' ? [undefined] : (root.bodies[name] ?? [{}]).flatMap(planted)
    for (const body of bodies) {
      const isSigned = root.signed?.has(name) ?? false
      const requests = isSigned
        ? [await signAsStranger(method, target, body), await root.sign?.(method, target, body)]
        : [{ mediaType: 'application/json', text: JSON.stringify(body) }]
      const role = (root.permissions[action] ?? [])[0] ?? ''
      const token = root.callers[role]
      for (const request of requests) {
        if (request === undefined) continue
        const headers = {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          'idempotency-key': 'canary',
          referer: canaryUrl,
          ...(body === undefined ? {} : { 'content-type': request.mediaType }),
        }
        const bytes = body === undefined ? undefined : new TextEncoder().encode(request.text)
        answers.push(await client.send({ method, target, headers, body: bytes }))
      }
    }
  }
  expect(answers.length).toBeGreaterThan(300)
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(3)
  expect(hits).toEqual([])
})

test('it is fetched when a clerk has taken the application, and then its configuration alone', async () => {
  using client = createRawClient(root.url)
  const signer = await newSigner()
  const path = '/v1/provider-applications'
  const body = { organization: INSTITUTE_X, contact: 'desk@x.example', jwks: jwksOf(signer) }
  const entityId = `${canaryUrl}/x`
  const { mediaType, text } = await rawRequestSigner(root.url, () => ({ entityId, signer }))(
    'POST',
    path,
    body,
  )
  const applied = await client.send({
    method: 'POST',
    target: path,
    headers: { 'content-type': mediaType },
    body: new TextEncoder().encode(text),
  })
  expect([applied.status, hits]).toEqual([201, []])
  const { id } = JSON.parse(applied.text) as { id: string }
  const taken = await root.home.officer('clerk').post(`/v1/desk/applications/${id}/take`, {})
  expect((await readJson(taken))['code']).toBe('applicant-unverified')
  expect(hits).toEqual(['/x/.well-known/openid-federation'])
})

test('and when officers have pinned it as a root, not while one of them has only proposed to', async () => {
  hits.length = 0
  const keys = { root: await newSigner(), federation: await newSigner() }
  const nbf = Math.floor(Date.now() / 1000) - 60
  const [set] = parseStrictJson(await signFirstKeySet(canaryUrl, keys, nbf)) as object[]
  const pin = { entity_id: canaryUrl, root_keys: set, territory: 'SG', code_prefixes: ['1.3.77'] }
  const proposal = await root.home.propose('foreign-root:pin', pin)
  await root.home.get('/readyz')
  expect(hits).toEqual([])
  expect((await root.home.approve(proposal)).status).toBe(201)
  await expect.poll(() => hits.length).toBeGreaterThan(0)
})
