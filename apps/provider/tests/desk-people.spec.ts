import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createOperators, issuerTables, runNodeCommand } from '@arc3088/issuer'
import { createMemorySigner, generateSigningKey, signSessionProof, type Signer } from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { PROVIDER_MIGRATIONS } from '../src/db/migrations/index.ts'
import { PROVIDER_ROLES } from '../src/permissions.ts'
import { textOf } from './answers.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

let root: RootProcess
let provider: TestProvider
let rea: { readonly id: string; readonly signer: Signer }
beforeAll(async () => {
  root = await startRootProcess()
  provider = await startTestProvider(root)
  const { privateJwk } = await generateSigningKey('Ed25519')
  const signer = await createMemorySigner({ alg: 'Ed25519', privateJwk })
  const parts = { db: issuerTables(provider.database.db), ambient: systemAmbient() }
  const wanted = [{ name: 'rea', role: 'reviewer', jwk: signer.publicJwk }]
  const [made] = await createOperators(parts, wanted, { recover: true })
  rea = { id: made?.id ?? '', signer }
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

async function startSession(): Promise<string> {
  const { body } = await provider.anyone.post('/v1/desk/sessions/challenges')
  const iat = Math.floor(Date.now() / 1000)
  const claims = { aud: String(body['aud']), nonce: String(body['nonce']), iat, exp: iat + 60 }
  const proof = await signSessionProof(rea.signer, claims)
  return textOf(await provider.anyone.post('/v1/desk/sessions', { proof }), 'token')
}

test('a reviewer with a key begins a session, and works with it', async () => {
  const session = provider.as(await startSession())
  expect((await session.get('/v1/desk/me')).body).toMatchObject({
    id: rea.id,
    name: 'rea',
    role: 'reviewer',
    key_ids: [rea.signer.kid],
    credential: { kind: 'session' },
  })
  expect((await session.get('/v1/desk/ontologies')).status).toBe(200)
  expect((await session.get('/v1/desk/operators')).status).toBe(403)
})

test('a token of the desk does what its scopes say, until an administrator revokes it', async () => {
  const wanted = {
    label: 'reader',
    scopes: ['ontology:read'],
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  }
  const made = await provider.as(await startSession()).post('/v1/desk/tokens', wanted)
  const token = provider.as(textOf(made, 'token'))
  expect((await token.get('/v1/desk/ontologies')).status).toBe(200)
  expect((await token.get('/v1/desk/requesters')).body['code']).toBe('forbidden')
  const admin = provider.operator('admin')
  const held = await admin.get(`/v1/desk/operators/${rea.id}/tokens`)
  expect(held.text).toContain(textOf(made, 'id'))
  const revoking = { method: 'DELETE', headers: { authorization: `Bearer ${admin.token}` } }
  expect((await fetch(`${provider.url}/v1/desk/tokens/${textOf(made, 'id')}`, revoking)).status).toBe(204)
  expect((await token.get('/v1/desk/ontologies')).status).toBe(401)
})

test('an administrator of a provider sees who is there', async () => {
  const { body } = await provider.operator('audit').get('/v1/desk/operators')
  expect(body['items']).toContainEqual(
    expect.objectContaining({ id: rea.id, name: 'rea', key_ids: [rea.signer.kid] }),
  )
  expect(body['proposed']).toEqual([])
})

test('requesters have no business at the desk', async () => {
  const applicant = await provider.anyone.post('/v1/requesters', {
    kind: 'organization',
    name: '研究所B',
    country: 'CN',
    contact: 'desk@b.example',
  })
  const requester = provider.as(textOf(applicant, 'token'))
  for (const path of ['/v1/desk/me', '/v1/desk/tokens', '/v1/desk/operators'])
    expect((await requester.get(path)).body['code']).toBe('forbidden')
})

test('operator:create takes the key of somebody, who then needs no token; a private key is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-operator-'))
  const { privateJwk, publicJwk } = await generateSigningKey('ES256')
  const [secret, shown] = [join(folder, 'secret.json'), join(folder, 'public.json')]
  writeFileSync(secret, JSON.stringify(privateJwk))
  writeFileSync(shown, JSON.stringify(publicJwk))
  const run = async (...argv: readonly string[]) => {
    const said: string[] = []
    const code = await runNodeCommand({
      argv: ['operator:create', '--recover', '--role', 'reviewer', '--name', 'ron', ...argv],
      environment: { DATABASE_URL: provider.database.appUrl },
      service: 'provider',
      migrations: PROVIDER_MIGRATIONS,
      roles: PROVIDER_ROLES,
      placesBesideRecords: () => Promise.resolve([]),
      witnessesOf: () => Promise.resolve([]),
      write: (line) => void said.push(line),
      serve: () => Promise.reject(new Error('not served')),
    })
    return { code, said: said.join(' ') }
  }
  expect(await run('--key', secret)).toMatchObject({ code: 2, said: expect.stringContaining('private key') })
  expect(await run('--key', shown, '--key', shown)).toMatchObject({ code: 2 })
  expect(await run('--key', shown)).toMatchObject({ code: 0 })
  rmSync(folder, { recursive: true })
  const { body } = await provider.operator('audit').get('/v1/desk/operators')
  expect(body['items']).toContainEqual(expect.objectContaining({ name: 'ron', key_ids: [publicJwk.kid] }))
})
