import { listen } from '@arc3088/service'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ANNEX_C, appointProvider, awaitProofs, registerAnnexC } from './annex-c.ts'
import { startProvider, startRoot, type RunningNode, type RunningRoot } from './running-nodes.ts'
import { startTestResolver } from './running-resolver.ts'

const resources = new AsyncDisposableStack()
let root: RunningRoot
let provider: RunningNode

beforeAll(async () => {
  root = resources.use(await startRoot())
  provider = resources.use(await startProvider(root))
  await appointProvider(root, provider)
  await registerAnnexC(provider)
  // A record whose proof is not there yet is nobody's lie, and not valid either.
  await awaitProofs(root)
})

afterAll(async () => {
  await resources.disposeAsync()
})

/** What somebody between resolver and root makes of an answer of the root; undefined leaves it alone. */
type Meddle = (
  path: string,
  answer: { status: number; mediaType: string; body: string },
) => Response | undefined

/** A resolver that reaches the real root through somebody who meddles, and the paths that came by. */
async function startMisledResolver(meddle: Meddle) {
  const asked: string[] = []
  const between = await listen(
    async (request) => {
      const { pathname, search } = new URL(request.url)
      asked.push(pathname + search)
      const accept = request.headers.get('accept') ?? '*/*'
      const response = await fetch(`${root.url}${pathname}${search}`, { headers: { accept } })
      const answer = {
        status: response.status,
        mediaType: response.headers.get('content-type') ?? '',
        body: await response.text(),
      }
      const untouched = { status: answer.status, headers: { 'content-type': answer.mediaType } }
      return meddle(pathname, answer) ?? new Response(answer.body, untouched)
    },
    { host: '127.0.0.1', port: 0 },
  )
  const resolver = await startTestResolver(root.anchor, { rootUrl: `http://127.0.0.1:${between.port}` })
  return {
    resolver,
    asked,
    async [Symbol.asyncDispose]() {
      await resolver[Symbol.asyncDispose]()
      await between.stop(0)
    },
  }
}

/** Another first character of the signature: every other part stays as it was. */
function forged(jws: string): string {
  const at = jws.lastIndexOf('.') + 1
  return `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`
}

const as = (mediaType: string, status = 200) => ({ status, headers: { 'content-type': mediaType } })
const CODE_PATH = '/v1/codes/'
const NEGATIVE = 'application/agent-code-resolution+jwt'

test('reaches a root behind another address, and still believes the root alone', async () => {
  await using misled = await startMisledResolver(() => undefined)
  expect(await misled.resolver.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'valid' })
  expect(misled.asked).toContain(`/federation/fetch?sub=${encodeURIComponent(provider.url)}`)
})

test.each([
  ['configuration', '/.well-known/openid-federation'],
  ['record', CODE_PATH],
  ['statement', '/federation/fetch'],
  ['status list', '/status/'],
])('finds out a forged %s', async (_, path) => {
  await using misled = await startMisledResolver((asked, { mediaType, body }) =>
    asked.startsWith(path) ? new Response(forged(body), as(mediaType)) : undefined,
  )
  const answer = await misled.resolver.resolve(ANNEX_C.instance)
  expect(answer['verdict']).toBe('signature-invalid')
})

test('finds out a forged key set', async () => {
  await using misled = await startMisledResolver((path, { body }) =>
    path.endsWith('root-keys')
      ? new Response(
          body.replace(/"signature":"./, '"signature":"_'),
          as('application/agent-code-root-keys+json'),
        )
      : undefined,
  )
  const answer = await misled.resolver.resolve(ANNEX_C.instance)
  expect(['signature-invalid', 'chain-invalid']).toContain(answer['verdict'])
})

test('asks nobody else on the word of a forged document', async () => {
  await using misled = await startMisledResolver((path, { mediaType, body }) =>
    path === '/.well-known/openid-federation' ? new Response(forged(body), as(mediaType)) : undefined,
  )
  await misled.resolver.resolve(ANNEX_C.instance)
  expect(new Set(misled.asked)).toEqual(
    new Set(['/.well-known/openid-federation', '/.well-known/agent-code-root-keys']),
  )
})

test('does not take a forged negative for one', async () => {
  await using misled = await startMisledResolver((path, { body }) =>
    path === `${CODE_PATH}1.2.156.3088.1.ZZ` ? new Response(forged(body), as(NEGATIVE, 404)) : undefined,
  )
  expect(await misled.resolver.resolve('1.2.156.3088.1.ZZ')).toMatchObject({ verdict: 'signature-invalid' })
})

test('does not take the negative of another code for that of the one asked for', async () => {
  const headers = { accept: NEGATIVE }
  const other = await (await fetch(`${root.url}${CODE_PATH}1.2.156.3088.1.ZZ`, { headers })).text()
  await using misled = await startMisledResolver((path) =>
    path.startsWith(CODE_PATH) ? new Response(other, as(NEGATIVE, 404)) : undefined,
  )
  expect(await misled.resolver.resolve(ANNEX_C.instance)).toMatchObject({ verdict: 'chain-invalid' })
})

test.each([
  ['an error', () => new Response('{}', as('application/problem+json', 500))],
  ['an unsigned 404', () => new Response('{}', as('application/problem+json', 404))],
  ['a page', () => new Response('<html>', as('text/html'))],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: '/elsewhere' } })],
  ['more than a record can be', () => new Response('x'.repeat(100_000), as(NEGATIVE, 404))],
])('never says "not assigned" because of %s', async (_, instead) => {
  await using misled = await startMisledResolver((path) =>
    path.startsWith(CODE_PATH) ? instead() : undefined,
  )
  const answer = await misled.resolver.resolve(ANNEX_C.instance)
  expect(answer).toMatchObject({ verdict: 'indeterminate' })
  expect(JSON.stringify(answer['reasons'])).toContain('upstream-unreachable')
  expect(misled.asked).not.toContain('/elsewhere')
})

test.each([
  '1.2.156.3088.1.1.34C2.478BDF.3GF546/../../../status',
  '../../v1/desk/proposals',
  'http://169.254.169.254/latest/meta-data',
  '//evil.example/1.2.156.3088.1.1',
  '1.2.156.3088.1.1?sub=https://evil.example',
  '1.2.156.3088.1.1\r\nx: y',
  '1.2.156.3088.1.１',
])('asks nobody anything for %j', async (text) => {
  await using misled = await startMisledResolver(() => undefined)
  const response = await misled.resolver.get(`/v1/resolve/${encodeURIComponent(text)}`)
  expect(response.status).toBe(400)
  expect(misled.asked).toEqual([])
})
