import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createHash } from 'node:crypto'

import { createMemorySigner, generateSigningKey, sealKey } from '@arc3088/records'
import { bareEnvironment } from '@arc3088/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { giveBack, INSTITUTE_X, MISSING, SECRETS, stateOf, take } from './applicant-acts.ts'
import { startTestRoot, type TestRoot } from './start-test-root.ts'
import { createApplicant, newSigner, readJson } from './test-applicant.ts'

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

let root: TestRoot
let folder: string
beforeAll(async () => {
  root = await startTestRoot()
  folder = mkdtempSync(join(tmpdir(), 'arc3088-applicant-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await root[Symbol.asyncDispose]()
})

/** `arc3088 provider …` as an organisation runs it. */
async function provider(...args: readonly string[]) {
  const child = spawn(
    process.execPath,
    ['--conditions=@arc3088/source', MAIN, 'provider', ...args, '--json'],
    {
      env: { ...bareEnvironment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let out = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece))
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaint += piece))
  const [exitCode]: unknown[] = await once(child, 'close')
  const said = exitCode === 0 ? out : complaint
  const answer = (said.startsWith('{') ? JSON.parse(said) : { said }) as Record<string, unknown>
  return { exitCode, answer, complaint }
}

/** An applicant whose federation key lies in a folder, sealed where there is a passphrase. */
async function applicantWithKeys(passphrase?: string) {
  const { privateJwk } = await generateSigningKey('ES256')
  const signer = await createMemorySigner({ alg: 'ES256', privateJwk })
  const applicant = await createApplicant(root, INSTITUTE_X, signer)
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const text =
    passphrase === undefined ? JSON.stringify(privateJwk) : await sealKey(privateJwk, passphrase, salt)
  const keys = mkdtempSync(join(folder, 'keys-'))
  writeFileSync(join(keys, 'federation.jwk.json'), text, { mode: 0o600 })
  return {
    ...applicant,
    keys,
    as: ['--root', root.url, '--entity-id', applicant.entityId, '--keys', keys],
  }
}

function fileOf(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const NAMED = ['--name', 'Institut X', '--country', 'FR', '--contact', SECRETS.contact]

test('the command line applies, reads what is missing, completes it, and withdraws', async () => {
  await using institute = await applicantWithKeys()
  const { as } = institute
  const applied = await provider('apply', ...as, ...NAMED, '--wished-code', 'x9')
  expect(applied).toMatchObject({ exitCode: 0, answer: { state: 'applied', revision: 1 } })
  const id = String(applied.answer['id'])
  expect((await take(root, id)).status).toBe(200)
  expect((await giveBack(root, id)).status).toBe(200)
  const of = ['--application', id]

  const anybody = await provider('status', '--url', root.url, ...of)
  expect(anybody).toMatchObject({ exitCode: 0, answer: { state: 'returned' } })
  expect(JSON.stringify(anybody.answer)).not.toContain(SECRETS.contact)
  const own = await provider('status', ...as, ...of)
  expect(own).toMatchObject({ exitCode: 0, answer: { state: 'returned', contact: SECRETS.contact } })
  expect((own.answer['steps'] as unknown[]).at(-1)).toMatchObject(MISSING)

  const certificate = fileOf('kbis.pdf', 'the certificate')
  const evidence = `registration-certificate ${SECRETS.evidence} @${certificate} Extrait Kbis certifié`
  const completed = await provider(
    'complete',
    ...as,
    ...of,
    '--evidence',
    evidence,
    '--identifier',
    'siren=552',
  )
  expect(completed).toMatchObject({ exitCode: 0, answer: { state: 'under-review', revision: 2 } })
  const file = await readJson(await root.officer('clerk').get(`/v1/desk/applications/${id}`))
  expect(file).toMatchObject({
    contact: SECRETS.contact,
    wished_code: 'X9',
    identifiers: [{ scheme: 'siren', value: '552' }],
    evidence: [
      {
        kind: 'registration-certificate',
        uri: SECRETS.evidence,
        digest: `sha-256:${createHash('sha256').update('the certificate').digest('base64url')}`,
        title: 'Extrait Kbis certifié',
      },
    ],
  })
  // What is not returned cannot be completed, and the node says so: 1.
  const tooLate = await provider('complete', ...as, ...of)
  expect(tooLate).toMatchObject({ exitCode: 1, answer: { code: 'application-state' } })
  const withdrawn = await provider('withdraw', ...as, ...of, '--reason', 'we merged')
  expect(withdrawn).toMatchObject({ exitCode: 0, answer: { state: 'withdrawn' } })
  expect(await stateOf(root, id)).toBe('withdrawn')
})

test('a sealed federation key is opened with its passphrase, and with no other', async () => {
  await using institute = await applicantWithKeys('correct horse')
  const right = fileOf('right', 'correct horse\n')
  const wrong = fileOf('wrong', 'battery staple\n')
  const apply = (...more: string[]) => provider('apply', ...institute.as, ...NAMED, ...more)
  expect(await apply()).toMatchObject({ exitCode: 1, answer: { code: 'key-unusable' } })
  expect(await apply('--passphrase-file', wrong)).toMatchObject({
    exitCode: 1,
    answer: { code: 'key-unusable' },
  })
  expect(await apply('--passphrase-file', right)).toMatchObject({ exitCode: 0, answer: { state: 'applied' } })
})

test('the same request id is one application, and a whole file says all of it', async () => {
  await using institute = await applicantWithKeys()
  const whole = { organization: INSTITUTE_X, contact: 'a@b.example', scenarios: ['education'] }
  const file = fileOf('application.json', JSON.stringify(whole))
  const requestId = '019ab000-0000-7000-8000-0000000c1111'
  const apply = () => provider('apply', ...institute.as, '--file', file, '--request-id', requestId)
  const [first, second] = [await apply(), await apply()]
  expect([first.exitCode, second.answer]).toEqual([0, first.answer])
})

test('a new federation key takes the place of the old one when the application is completed', async () => {
  await using institute = await applicantWithKeys()
  const { answer } = await provider('apply', ...institute.as, ...NAMED)
  const id = String(answer['id'])
  await take(root, id)
  await giveBack(root, id)
  await using renewed = await applicantWithKeys()
  const completed = await provider(
    'complete',
    ...institute.as,
    '--application',
    id,
    '--new-keys',
    renewed.keys,
  )
  expect(completed).toMatchObject({ exitCode: 0, answer: { state: 'applied', revision: 2 } })
  const old = await provider('status', ...institute.as, '--application', id)
  expect(old).toMatchObject({ exitCode: 1, answer: { code: 'request-signature-invalid' } })
})

test.each([
  ['without a name of the root', ['apply', '--keys', '.'], 2],
  ['with a revision that is no number', ['complete', '--application', 'x', '--revision', 'newest'], 2],
  ['with evidence that says nothing', ['apply', '--evidence', 'other'], 2],
])('a command line %s is not carried out', async (_, args, exitCode) => {
  await using institute = await applicantWithKeys()
  const [command = '', ...rest] = args
  const options = rest.includes('--keys') ? rest : [...institute.as, ...rest]
  const answer = await provider(command, ...options)
  expect([answer.exitCode, answer.complaint.includes('usage: arc3088 provider')]).toEqual([exitCode, true])
})

test('a root that cannot be reached, and keys that are not there, are 2', async () => {
  const key = await newSigner()
  await using institute = await createApplicant(root, INSTITUTE_X, key)
  const away = ['--root', 'http://127.0.0.1:1', '--entity-id', institute.entityId, '--keys', folder]
  expect((await provider('withdraw', ...away, '--application', 'x')).exitCode).toBe(2)
  expect((await provider('status', '--url', 'http://127.0.0.1:1', '--application', 'x')).exitCode).toBe(2)
})
