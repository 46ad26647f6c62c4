import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createMemorySigner, generateSigningKey } from '@arc3088/records'
import { listen } from '@arc3088/service'
import { bareEnvironment } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { challengeOf } from './desk-people.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

let root: TestRoot
let folder: string
/** A clerk's own key, in a file. */
let keyFile: string
beforeAll(async () => {
  root = await startTestRoot()
  folder = mkdtempSync(join(tmpdir(), 'arc3088-desk-'))
  keyFile = join(folder, 'officer.jwk.json')
  const { privateJwk } = await generateSigningKey('ES256')
  writeFileSync(keyFile, JSON.stringify(privateJwk), { mode: 0o600 })
  const { publicJwk: jwk } = await createMemorySigner({ alg: 'ES256', privateJwk })
  await root.act('operator:add', { name: 'dee', role: 'clerk', jwk })
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await root[Symbol.asyncDispose]()
})

/** `arc3088 desk …` as somebody runs it. */
async function desk(token: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=@arc3088/source', MAIN, 'desk', ...args], {
    env: {
      ...bareEnvironment(),
      ARC3088_URL: root.url,
      ...(token === '' ? {} : { ARC3088_TOKEN: token }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, complaint] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece))
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaint += piece))
  const [exitCode]: unknown[] = await once(child, 'close')
  return { exitCode, out: out.trim(), complaint: complaint.trim() }
}

const memberOf = (text: string, member: string) =>
  String((JSON.parse(text) as Record<string, unknown>)[member])

test('a session begins with a key, makes a token, and each is ended', async () => {
  const { exitCode, out: session } = await desk('', 'sessions', 'start', '--officer-key', keyFile)
  expect([exitCode, session]).toEqual([0, expect.stringMatching(/^arc3088_[\w-]{22}_[\w-]{43}$/)])
  const wanted = ['--label', 'nightly', '--scope', 'desk:self', '--scope', 'proposal:read', '--days', '7']
  const made = await desk(session, 'tokens', 'create', ...wanted, '--json')
  const [token, id] = [memberOf(made.out, 'token'), memberOf(made.out, 'id')]
  const listed = await desk(token, 'tokens', 'list', '--json')
  const items = listed.out.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(new Set(items.map(({ kind }) => kind))).toEqual(new Set(['session', 'token']))
  expect(items).toContainEqual(
    expect.objectContaining({ id, label: 'nightly', scopes: ['desk:self', 'proposal:read'] }),
  )
  expect((await desk(token, 'proposals', 'list')).exitCode).toBe(0)
  expect((await desk(session, 'tokens', 'revoke', id)).exitCode).toBe(0)
  expect((await desk(token, 'tokens', 'list')).complaint).toContain('unauthenticated')
  expect((await desk(session, 'sessions', 'end')).exitCode).toBe(0)
  expect((await desk(session, 'tokens', 'list')).exitCode).toBe(1)
}, 180_000)

test('a node that asks for a proof to another node’s challenge gets none', async () => {
  let proofs = 0
  const go = await listen(
    async (request) => {
      if (request.url.endsWith('/challenges')) return Response.json(await challengeOf(root), { status: 201 })
      proofs += 1
      return new Response(null, { status: 500 })
    },
    { host: '127.0.0.1', port: 0 },
  )
  const url = `http://127.0.0.1:${go.port}`
  const { exitCode, complaint } = await desk('', 'sessions', 'start', '--url', url, '--officer-key', keyFile)
  await go.stop(0)
  expect([exitCode, complaint.split(':')[0], proofs]).toEqual([1, 'challenge-of-another', 0])
})

test('an administrator sees who is there, and invites whoever has no key', async () => {
  const administrator = root.officer('administrator').token
  const { operator } = await root.act('operator:add', { name: 'Hal', role: 'auditor' })
  const { out } = await desk(administrator, 'operators', 'list')
  expect(out).toMatch(/active +auditor +Hal/)
  expect(out).toMatch(/active +clerk +dee/)
  const invited = await desk(administrator, 'operators', 'invite', String(operator), '--json')
  const made = await desk(memberOf(invited.out, 'token'), 'tokens', 'create', '--label', 'mine', '--json')
  expect([made.exitCode, memberOf(made.out, 'kind')]).toEqual([0, 'token'])
  expect((await desk(root.officer('clerk').token, 'operators', 'list')).complaint).toContain('forbidden')
}, 180_000)

test.each([
  [['sessions', 'start'], /--officer-key is missing/],
  [['tokens', 'create'], /--label is missing/],
  [['tokens', 'create', '--label', 'x', '--days', '0'], /--days/],
  [['tokens', 'revoke'], /token is missing/],
])('desk %j says what is missing', async (args, message) => {
  const { exitCode, complaint } = await desk(root.officer('clerk').token, ...args)
  expect([exitCode, complaint]).toEqual([2, expect.stringMatching(message)])
})

test('an id that begins with a dash is an id', async () => {
  const { exitCode, complaint } = await desk(
    root.officer('clerk').token,
    'tokens',
    'revoke',
    `-${'A'.repeat(21)}`,
  )
  expect([exitCode, complaint]).toEqual([1, expect.stringMatching(/^token-not-found/)])
})
