import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { approvedOntology, DESCRIPTION, verifiedRequester, type TestRequester } from './requester-acts.ts'
import { startRootProcess, type RootProcess } from './start-root-process.ts'
import { startTestProvider, type TestProvider } from './start-test-provider.ts'

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

let root: RootProcess
let provider: TestProvider
let requester: TestRequester
let folder: string
beforeAll(async () => {
  root = await startRootProcess({ logQuorum: 0 })
  provider = await startTestProvider(root)
  await provider.appoint('1')
  requester = await verifiedRequester(provider)
  folder = mkdtempSync(join(tmpdir(), 'arc3088-cli-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await provider[Symbol.asyncDispose]()
  await root[Symbol.asyncDispose]()
})

/** `arc3088 … --json` as the holder of a token runs it; what it wrote where it failed is the problem. */
async function arc3088(token: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=@arc3088/source', MAIN, ...args, '--json'], {
    env: { PATH: process.env['PATH'] ?? '', ARC3088_URL: provider.url, ARC3088_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, complaint] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece))
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaint += piece))
  const [exitCode]: unknown[] = await once(child, 'close')
  const read = (text: string) => (text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {})
  return { exitCode, answer: read(out), problem: read(complaint), complaint }
}

function describing(name: string): string {
  const file = join(folder, `${v7()}.json`)
  writeFileSync(file, JSON.stringify({ ...DESCRIPTION, name: { en: name } }))
  return file
}

describe('a code', () => {
  test('is locked, unlocked and retired by its requester, each with a reason', async () => {
    const code = await approvedOntology(provider, requester)
    const turn = async (act: string) => {
      const { exitCode, answer } = await arc3088(requester.token, 'code', act, code, '--reason', `to ${act}`)
      return [exitCode, answer['code'], answer['state'], answer['locked_by']]
    }
    expect(await turn('lock')).toEqual([0, code, 'locked', 'requester'])
    expect(await turn('lock')).toEqual([0, code, 'locked', 'requester'])
    expect(await turn('unlock')).toEqual([0, code, 'active', null])
    expect(await turn('retire')).toEqual([0, code, 'retired', null])
    const again = await arc3088(requester.token, 'code', 'unlock', code, '--reason', 'back')
    expect([again.exitCode, again.problem['code']]).toEqual([1, 'code-state'])
  })

  test('that the desk locked is not unlocked by its requester', async () => {
    const code = await approvedOntology(provider, requester)
    const desk = provider.operator('rita').token
    expect((await arc3088(desk, 'code', 'lock', code, '--reason', 'an audit')).answer['locked_by']).toBe(
      'desk',
    )
    const own = await arc3088(requester.token, 'code', 'unlock', code, '--reason', 'please')
    expect([own.exitCode, own.problem['status']]).toEqual([1, expect.any(Number)])
    const { exitCode, answer } = await arc3088(desk, 'code', 'unlock', code, '--reason', 'done')
    expect([exitCode, answer['state']]).toEqual([0, 'active'])
  })

  test('that is none is refused by the provider, exit 1', async () => {
    const { exitCode, problem } = await arc3088(requester.token, 'code', 'lock', 'nonsense', '--reason', 'x')
    expect([exitCode, problem['code']]).toEqual([1, 'code-malformed'])
  })
})

describe('an ontology', () => {
  test('is drafted, edited, handed in, returned, mended and handed in again', async () => {
    const drafted = await arc3088(requester.token, 'ontology', 'draft', '--description', describing('First'))
    expect([drafted.exitCode, drafted.answer['review']]).toEqual([0, 'draft'])
    const id = String(drafted.answer['id'])
    const edited = await arc3088(
      requester.token,
      'ontology',
      'edit',
      id,
      '--description',
      describing('Second'),
    )
    expect([edited.exitCode, edited.answer['description']]).toEqual([
      0,
      expect.objectContaining({ name: { en: 'Second' } }),
    ])
    const submit = async () =>
      (await arc3088(requester.token, 'ontology', 'submit', '--id', id)).answer['review']
    expect(await submit()).toBe('submitted')
    const desk = provider.operator('rita')
    await desk.post(`/v1/desk/ontologies/${id}/take`)
    expect((await desk.post(`/v1/desk/ontologies/${id}/return`, { reason: 'a better name' })).status).toBe(
      200,
    )
    await arc3088(requester.token, 'ontology', 'edit', id, '--description', describing('Third'))
    expect(await submit()).toBe('submitted')
    const refused = await arc3088(
      requester.token,
      'ontology',
      'edit',
      id,
      '--description',
      describing('Late'),
    )
    expect([refused.exitCode, refused.problem['code']]).toEqual([1, 'ontology-state'])
  })

  test('is not overwritten by who names an older version of it', async () => {
    const { answer } = await arc3088(requester.token, 'ontology', 'draft', '--description', describing('One'))
    const id = String(answer['id'])
    const { answer: shown } = await arc3088(requester.token, 'ontology', 'show', id)
    const etag = String(shown['etag'])
    expect([shown['id'], etag]).toEqual([id, expect.stringMatching(/^"\d+"$/)])
    const edit = async (name: string) =>
      await arc3088(
        requester.token,
        'ontology',
        'edit',
        id,
        '--description',
        describing(name),
        '--if-match',
        etag,
      )
    expect((await edit('Two')).exitCode).toBe(0)
    const late = await edit('Three')
    expect([late.exitCode, late.problem['code']]).toEqual([1, 'precondition-failed'])
    const now = await requester.get(`/v1/ontologies/${id}`)
    expect(now.body['description']).toMatchObject({ name: { en: 'Two' } })
  })

  test('that is not there, or whose description is no file, is no verdict of ours', async () => {
    const missing = await arc3088(requester.token, 'ontology', 'show', v7())
    expect([missing.exitCode, missing.problem['code']]).toEqual([1, 'ontology-not-found'])
    const fileless = await arc3088(
      requester.token,
      'ontology',
      'draft',
      '--description',
      join(folder, 'none'),
    )
    expect(fileless.exitCode).toBe(2)
  })
})

test('an application under a key is made once', async () => {
  const key = v7()
  const asked = ['--name', 'Institute D', '--country', 'CN', '--contact', 'd@d.example']
  const apply = async () => await arc3088('', 'requester', 'apply', ...asked, '--idempotency-key', key)
  const first = await apply()
  expect([first.exitCode, String(first.answer['token']).startsWith('arc3088_')]).toEqual([0, true])
  const again = await apply()
  expect([again.exitCode, again.problem['code']]).toEqual([1, 'application-received'])
  expect(again.problem['application']).toBe(first.answer['id'])
})
